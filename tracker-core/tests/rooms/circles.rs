//! Circles in a graph: sets of files of which each leads to each.

use std::collections::{BTreeMap, BTreeSet};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The strongly connected parts of more than one file, by the two walks of Kosaraju.
pub(crate) fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    for file in graph.keys() {
        walk(graph, file, &mut seen, &mut order);
    }
    let mut backwards = Graph::new();
    for (file, imported) in graph {
        for other in imported {
            backwards.entry(other.clone()).or_default().insert(file.clone());
        }
    }
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for file in order.iter().rev() {
        let mut circle = Vec::new();
        walk(&backwards, file, &mut seen, &mut circle);
        if circle.len() > 1 {
            circles.push(circle.into_iter().collect());
        }
    }
    circles
}

/// Enters all files that a file leads to, itself last, unless they were seen before.
fn walk(graph: &Graph, file: &str, seen: &mut BTreeSet<String>, order: &mut Vec<String>) {
    if !seen.insert(file.to_owned()) {
        return;
    }
    for other in graph.get(file).into_iter().flatten() {
        walk(graph, other, seen, order);
    }
    order.push(file.to_owned());
}

#[test]
fn a_circle_is_found_and_a_line_is_none() {
    let graph = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")].into_iter().fold(
        Graph::new(),
        |mut graph, (from, to)| {
            graph.entry(from.to_owned()).or_default().insert(to.to_owned());
            graph
        },
    );
    let found = circles(&graph);
    assert_eq!(found, [["a", "b", "c"].map(str::to_owned).into_iter().collect::<BTreeSet<_>>()]);
}
