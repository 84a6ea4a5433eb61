//! What a learner tells of its model before it trains.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Bool, Device, Int, Tensor},
    train::{Learner, LearnerModel},
};
use serde_json::{Map, Value, json};
use tracker_core::{Event, Step, Tracker};

use crate::{compat, rates::Parameter, session::Session, terminal};

/// Longer structures are cut: they are for people.
const LONGEST_STRUCTURE: usize = 64 << 10;

/// Records the model, its devices and Burn itself, and shows the session the parameters.
pub(crate) fn describe<M: LearnerModel>(
    session: &Session,
    tracker: &dyn Tracker,
    learner: &Learner<M>,
) {
    let model = learner.model();
    let parameters = parameters(&model);
    about(tracker, "model", model_facts(&model, parameters.len()));
    about(tracker, "burn", burn_facts(&model.devices()));
    let mut text = model.map(&mut Undrawn).to_string();
    if text.len() > LONGEST_STRUCTURE {
        let end = (0..=LONGEST_STRUCTURE).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or_default());
        text.push_str("\n… (cut)");
    }
    let step = Step(session.last_step(tracker));
    tracker.record(Event::Text { name: "model".to_owned(), step, text });
    session.set_parameters(parameters);
}

fn model_facts<M: LearnerModel>(model: &M, tensors: usize) -> Value {
    let name = std::any::type_name::<M>();
    let name = name.split('<').next().and_then(|path| path.rsplit("::").next()).unwrap_or(name);
    json!({ "name": name, "parameters": model.num_params(), "parameter_tensors": tensors })
}

fn burn_facts(devices: &[Device]) -> Value {
    let names: Vec<_> = devices.iter().map(|device| format!("{device:?}")).collect();
    let mut features = Vec::new();
    if devices.iter().any(Device::is_autodiff) {
        features.push("autodiff");
    }
    if terminal::dashboard_is_compiled() {
        features.push("tui");
    }
    json!({ "version": compat::VERSION, "devices": names, "features": features })
}

fn about(tracker: &dyn Tracker, topic: &str, facts: Value) {
    let facts: Map<String, Value> = match facts {
        Value::Object(facts) => facts,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    tracker.record(Event::About { topic: topic.to_owned(), facts });
}

/// Puts empty weights into the places of those that are drawn when they are first read, as showing a
/// model reads them: drawn in another order, they would be others.
struct Undrawn;

impl ModuleMapper for Undrawn {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if param.is_initialized() {
            return param;
        }
        let empty = Tensor::empty(param.lazy_shape(), &param.lazy_device());
        Param::initialized(param.id, empty)
    }

    fn map_int<const D: usize>(&mut self, param: Param<Tensor<D, Int>>) -> Param<Tensor<D, Int>> {
        if param.is_initialized() {
            return param;
        }
        let empty = Tensor::empty(param.lazy_shape(), &param.lazy_device());
        Param::initialized(param.id, empty)
    }

    fn map_bool<const D: usize>(
        &mut self,
        param: Param<Tensor<D, Bool>>,
    ) -> Param<Tensor<D, Bool>> {
        if param.is_initialized() {
            return param;
        }
        let empty = Tensor::empty(param.lazy_shape(), &param.lazy_device());
        Param::initialized(param.id, empty)
    }
}

/// All parameters of a model by their paths.
fn parameters<M: Module>(model: &M) -> Vec<Parameter> {
    let mut paths = Paths::default();
    model.visit(&mut paths);
    paths.found
}

#[derive(Default)]
struct Paths {
    modules: Vec<String>,
    found: Vec<Parameter>,
}

impl ModuleVisitor for Paths {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.modules.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.modules.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push((param.id, self.modules.join(".")));
    }
}
