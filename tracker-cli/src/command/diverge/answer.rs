//! Where two runs differ, as JSON.

use tracker_core::read::DifferingPoint;

use crate::{
    answers::{
        command::divergence::{Alone, Divergence, Point, Side},
        in_order::InOrder,
        value::Value,
    },
    command::diverge::Compared,
    view::beside::Differing,
};

impl Compared {
    pub(crate) fn answer(&self) -> Divergence<'_> {
        let side = |at: usize| {
            let info = self.runs[at].info();
            let alone = &self.found.alone[at];
            Side {
                id: info.id.as_str(),
                name: &info.name,
                project: &info.project,
                state: self.runs[at].state().as_str(),
                last_step: alone.last_step,
                alone: Alone {
                    metrics: &alone.metrics,
                    points: alone.points,
                    first_metric: alone.first.as_ref().map(|(metric, _)| metric.as_str()),
                    first_step: alone.first.as_ref().map(|(_, step)| *step),
                },
            }
        };
        Divergence {
            runs: [side(0), side(1)],
            compared: self.found.compared,
            tolerance: self.tolerance,
            bitwise: self.found.bitwise.iter().map(point).collect(),
            beyond: self.found.beyond.iter().map(point).collect(),
            config: values(&self.beside.config),
            facts: values(&self.beside.facts),
            origin: values(&self.beside.origin),
            packages: values(&self.beside.packages),
        }
    }
}

fn point(point: &DifferingPoint) -> Point<'_> {
    Point {
        metric: &point.metric,
        rank: point.rank,
        step: point.step,
        after: point.after,
        values: point.values.map(Value),
    }
}

fn values(differing: &[Differing]) -> InOrder<&str, &[String; 2]> {
    differing.iter().map(|row| (row.name.as_str(), &row.values)).collect()
}
