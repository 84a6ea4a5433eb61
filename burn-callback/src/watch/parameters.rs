//! Goes over the parameters of a model that are watched.

use std::collections::HashSet;

use burn::{
    module::{ModuleVisitor, Param, ParamId},
    prelude::*,
};

use crate::watch::WatchOptions;

/// Looks at parameters, one after the other.
pub(super) trait Look {
    /// The next parameter, with its path in the model.
    fn parameter<const D: usize>(&mut self, path: String, param: &Param<Tensor<D>>);
}

/// Gives the parameters of `model` to `look` that the options take, in the model's order; one that is there
/// under several paths once.
pub(super) fn each_parameter<M: Module>(model: &M, options: &WatchOptions, look: &mut impl Look) {
    model.visit(&mut Walk { options, path: Vec::new(), seen: HashSet::new(), look });
}

struct Walk<'a, L> {
    options: &'a WatchOptions,
    path: Vec<String>,
    seen: HashSet<ParamId>,
    look: &'a mut L,
}

impl<L: Look> ModuleVisitor for Walk<'_, L> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Reading a lazy parameter would draw its values, and change those that are drawn later.
        if !param.is_initialized() || self.seen.contains(&param.id) {
            return;
        }
        let path = self.path.join(".");
        if self.options.takes(&path) {
            self.seen.insert(param.id);
            self.look.parameter(path, param);
        }
    }
}
