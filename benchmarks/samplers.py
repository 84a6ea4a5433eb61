#!/usr/bin/env python3
"""The samplers of tracker-study beside Optuna's: the median of the best values after 50 and 100 trials.

    python3 -m venv VENV && VENV/bin/pip install optuna scipy torch
    VENV/bin/python benchmarks/samplers.py [--seeds 20] [--gp-seeds 20] [--trials 50,100] [--kept FILE]

Ours runs as a program, `cargo bench -p tracker-study --bench samplers`, that has the same problems; first, both sides
evaluate the same drawn settings, and must agree. A seed of one sampler on one problem is one study. With `--kept`, studies
of Optuna that a file holds are not run again: its GPSampler takes minutes for each (`--gp-seeds 0` leaves it out). Goals
are printed as met or MISSED.
"""

import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

NOISE = 0.02
"""The standard deviation of what is added to each result of `mixed`; the best values are told without it."""


def branin(x, y):
    """Dixon and Szegö 1978. Its three minima are 0.397887."""
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


HARTMANN_HEIGHTS = [1.0, 1.2, 3.0, 3.2]
HARTMANN_WIDTHS = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
HARTMANN_CENTRES = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]


def hartmann6(*point):
    """Hartmann 1973, of six dimensions. Its minimum is -3.32237."""
    bumps = zip(HARTMANN_HEIGHTS, HARTMANN_WIDTHS, HARTMANN_CENTRES)
    return -sum(
        height * math.exp(-sum(w * (x - c) ** 2 for w, x, c in zip(widths, point, centres)))
        for height, widths, centres in bumps
    )


OPTIMIZERS = {"sgd": (-1.5, 0.12), "momentum": (-2.0, 0.04), "adam": (-3.0, 0.0), "lion": (-4.0, 0.06)}
ACTIVATIONS = {"relu": 0.04, "gelu": 0.0, "tanh": 0.1}


def mixed(lr, decay, dropout, smoothing, layers, width, optimizer, activation):
    """A validation error as of a small network: 0.02 at its best. Each optimizer has a learning rate of its own, which falls
    with the width; deeper networks want more dropout."""
    best_lr, worse = OPTIMIZERS[optimizer]
    best_lr -= 0.5 * math.log2(width / 256)
    return (
        0.02
        + worse
        + ACTIVATIONS[activation]
        + 0.1 * (math.log10(lr) - best_lr) ** 2
        + 0.02 * (math.log10(decay) + 4) ** 2
        + 0.8 * (dropout - 0.05 * layers) ** 2
        + 0.6 * (smoothing - 0.1) ** 2
        + 0.01 * (layers - 5) ** 2
        + 0.02 * math.log2(width / 256) ** 2
    )


def mixed_of(suggest):
    return {
        "lr": suggest.suggest_float("lr", 1e-6, 1e-0, log=True),
        "decay": suggest.suggest_float("decay", 1e-6, 1e-1, log=True),
        "dropout": suggest.suggest_float("dropout", 0.0, 0.8),
        "smoothing": suggest.suggest_float("smoothing", 0.0, 0.5),
        "layers": suggest.suggest_int("layers", 1, 12),
        "width": suggest.suggest_int("width", 16, 2048, log=True),
        "optimizer": suggest.suggest_categorical("optimizer", list(OPTIMIZERS)),
        "activation": suggest.suggest_categorical("activation", list(ACTIVATIONS)),
    }


PROBLEMS = {
    "branin": (
        lambda t: {"x": t.suggest_float("x", -5.0, 10.0), "y": t.suggest_float("y", 0.0, 15.0)},
        branin,
        0.0,
    ),
    "hartmann6": (
        lambda t: {f"x{i}": t.suggest_float(f"x{i}", 0.0, 1.0) for i in range(6)},
        hartmann6,
        0.0,
    ),
    "mixed": (mixed_of, mixed, NOISE),
}


def optuna_study(sampler, problem, seed, trials):
    """The best values so far, without the noise, after each trial of one study."""
    settings_of, value_of, noise = PROBLEMS[problem]
    noises = random.Random(seed)
    study = optuna.create_study(sampler=sampler(seed))
    best, bests = math.inf, []
    for _ in range(trials):
        trial = study.ask()
        value = value_of(*settings_of(trial).values())
        study.tell(trial, value + noises.gauss(0.0, noise))
        best = min(best, value)
        bests.append(best)
    return bests


SAMPLERS = {
    "Optuna random": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "Optuna TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "Optuna GP": lambda seed: optuna.samplers.GPSampler(seed=seed, deterministic_objective=False),
}


def optuna_bests(name, problem, seeds, trials, kept):
    """The best values of each seed after these numbers of trials; those that are kept are not found again."""
    for seed in range(seeds):
        key = f"{name}, {problem}, seed {seed}"
        if not all(str(count) in kept.bests.get(key, {}) for count in trials):
            bests = optuna_study(SAMPLERS[name], problem, seed, max(trials))
            kept.bests[key] = {str(count): bests[count - 1] for count in trials}
            kept.write()
    keys = (f"{name}, {problem}, seed {seed}" for seed in range(seeds))
    return [[kept.bests[key][str(count)] for count in trials] for key in keys]


class Kept:
    """The best values of Optuna's studies, in a file if there is one."""

    def __init__(self, path):
        self.path, self.bests = path, {}
        if path and os.path.exists(path):
            with open(path) as file:
                self.bests = json.load(file)

    def write(self):
        if self.path:
            with open(self.path + ".new", "w") as file:
                json.dump(self.bests, file, indent=0)
            os.replace(self.path + ".new", self.path)


def ours(*arguments):
    """What our program prints, line by line."""
    command = ["cargo", "bench", "-q", "-p", "tracker-study", "--bench", "samplers", "--", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")


def check():
    """Both sides must mean the same problems."""
    count = 0
    for line in ours("--check"):
        value = PROBLEMS[line["problem"]][1](*line["settings"].values())
        assert math.isclose(value, line["value"], rel_tol=1e-9, abs_tol=1e-12), (line, value)
        count += 1
    print(f"{count} drawn settings have the same value on both sides")


def medians(bests):
    return [statistics.median(values) for values in zip(*bests)]


def row(name, seeds, found):
    """A row of the table: for each problem the medians after each number of trials."""
    cells = (" / ".join(f"{value:.3f}" for value in found[problem]) for problem in PROBLEMS)
    print(f"{name:<20} {seeds:>5}  " + "".join(f"{cell:>20}" for cell in cells), flush=True)


def goal(text, met):
    print(f"{text}: {'met' if met else 'MISSED'}")


def within(found, other, part):
    """Whether each median is at most this part worse than the other one."""
    pairs = ((f, o) for problem in PROBLEMS for f, o in zip(found[problem], other[problem]))
    return all(f <= o + part * abs(o) for f, o in pairs)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=20)
    arguments.add_argument("--gp-seeds", type=int, default=20, help="studies of Optuna's GPSampler, which is slow")
    arguments.add_argument("--trials", default="50,100")
    arguments.add_argument("--at-once", default="1,4")
    arguments.add_argument("--samplers", default="auto,tpe,quasi,random", help="ours")
    arguments.add_argument("--kept", help="a file for the results of Optuna's studies")
    given = arguments.parse_args()
    trials = [int(count) for count in given.trials.split(",")]
    kept = Kept(given.kept)

    check()
    print(f"median of the best values after {' / '.join(map(str, trials))} trials")
    print(f"{'sampler':<20} {'seeds':>5}  " + "".join(f"{problem:>20}" for problem in PROBLEMS))
    tables = {}
    for name in SAMPLERS:
        seeds = given.gp_seeds if name == "Optuna GP" else given.seeds
        if seeds:
            found = {problem: medians(optuna_bests(name, problem, seeds, trials, kept)) for problem in PROBLEMS}
            tables[name] = found
            row(name, seeds, found)
    lines = ours(
        "--lines", "--seeds", str(given.seeds), "--trials", given.trials,
        "--at-once", given.at_once, "--samplers", given.samplers,
    )  # fmt: skip
    bests = {}
    for line in lines:
        studies = bests.setdefault((line["sampler"], line["at_once"]), {})
        studies.setdefault(line["problem"], []).append(line["best"])
    for (name, at_once), studies in bests.items():
        tables[name, at_once] = {problem: medians(studies[problem]) for problem in PROBLEMS}
        row(f"{name}, {at_once} at once", given.seeds, tables[name, at_once])

    alone, four = tables.get(("auto", 1)), tables.get(("auto", 4))
    if alone:
        goal("auto is better than Optuna's TPE everywhere", within(alone, tables["Optuna TPE"], 0.0))
    if alone and "Optuna GP" in tables:
        goal("auto is never over 2 % worse than Optuna's GP", within(alone, tables["Optuna GP"], 0.02))
    if alone and four:
        goal("four at once are within 10 % of one at a time", within(four, alone, 0.1))


if __name__ == "__main__":
    main()
