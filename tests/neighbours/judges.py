"""Lets Optuna's pruners judge the made-up trainings of tracker-study/src/judge/tests.rs, and holds that the ends which
stand there are Optuna's: `pip install optuna`, then `python tests/neighbours/judges.py`."""

import pathlib
import re
import sys

import optuna
from optuna.pruners import HyperbandPruner, MedianPruner, SuccessiveHalvingPruner

TESTS = pathlib.Path(__file__).parents[2] / "tracker-study/src/judge/tests.rs"


def value(seed, trial, n, sign):
    quality = (trial * trial * 31 + trial * 17 + seed * 13) % 700
    noise = (trial * 7919 + n * 104729 + seed * 15485863) % 300
    return (quality + noise + sign * 50 * n) / 1000


def ends(pruner, direction, seed):
    """For each of 30 trials, the value at which it was pruned, or 0."""
    study = optuna.create_study(study_name="lr", direction=direction, pruner=pruner)
    sign = 1 if direction == "maximize" else -1
    found = []
    for number in range(30):
        trial, end = study.ask(), 0
        for n in range(1, 10):
            last = value(seed, number, n, sign)
            trial.report(last, n)
            if trial.should_prune():
                end = n
                break
        if end:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(trial, last)
        found.append(end)
    return found


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruners = {
        "asha": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        "hyperband": lambda: HyperbandPruner(min_resource=1, max_resource=9, reduction_factor=3),
        "median": lambda: MedianPruner(n_startup_trials=5, n_warmup_steps=2),
    }
    known = re.sub(r"\s+", " ", TESTS.read_text())
    wrong = 0
    for name, pruner in pruners.items():
        for seed, direction in ((1, "maximize"), (2, "minimize")):
            found = ends(pruner(), direction, seed)
            text = ", ".join(map(str, found))
            is_known = f"[{text}" in known.replace("[ ", "[")
            wrong += not is_known
            print(name, direction, "as in the tests" if is_known else f"NOT in the tests: [{text}]")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
