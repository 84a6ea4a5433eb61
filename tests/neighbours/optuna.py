"""Lets Optuna load, continue, re-bound and prune a study of tracker's, serves it by optuna-dashboard, lets tracker go on
with what Optuna made, and both write at once. What each says of all trials is compared.

    pip install optuna==5.0.0 optuna-dashboard==0.21.0
    cargo build --release -p tracker-study --example journal
    python -P tests/neighbours/optuna.py target/release/examples/journal STORE
"""

import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request

JOURNAL, STORE = sys.argv[1:3]
# This file has the name of the package, and its folder would come first.
sys.path.pop(0)

import optuna  # noqa: E402
from optuna.distributions import distribution_to_json, json_to_distribution  # noqa: E402
from optuna.storages import JournalStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)

STATES = {"Waiting": "WAITING", "Running": "RUNNING", "Complete": "COMPLETE", "Pruned": "PRUNED", "Failed": "FAIL"}


def path(name):
    return os.path.join(STORE, "mnist", ".studies", name, "journal.log")


def ours(name, *arguments):
    command = [JOURNAL, STORE, "mnist", name, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout) if arguments == ("show",) else None


def storage(name):
    return JournalStorage(JournalFileBackend(path(name)))


def loaded(name, **how):
    return optuna.load_study(study_name=name, storage=storage(name), **how)


def number(value):
    """A number of either side, so that NaN equals itself."""
    value = math.nan if value is None else float(value)
    return "NaN" if math.isnan(value) else value


def compare(name):
    """What both sides say of all trials. How many there are."""
    said, study = ours(name, "show"), loaded(name)
    assert not said["warnings"], said["warnings"]
    assert len(said["trials"]) == len(study.trials), (len(said["trials"]), len(study.trials))
    for trial, other in zip(said["trials"], study.trials):
        assert trial["number"] == other.number
        assert STATES[trial["state"]] == other.state.name, (trial, other)
        assert trial["params"] == other.params, (trial, other)
        assert trial["values"] == (other.values or []), (trial, other)
        intermediate = {n: number(value) for n, value in trial["intermediate"]}
        assert intermediate == {n: number(value) for n, value in other.intermediate_values.items()}
        attributes = {key: value for key, value in other.user_attrs.items() if key != "tracker:run"}
        assert trial["attributes"] == attributes, (trial, other)
        for rung, value in trial["rungs"]:
            assert other.system_attrs[f"completed_rung_{rung}"] == value
    return len(study.trials)


def check_bytes(name):
    """Each line is what Python would have written, with the keys that Optuna writes, in their order."""
    reference = os.path.join(STORE, "reference.log")
    study = optuna.create_study(study_name="all", storage=JournalStorage(JournalFileBackend(reference)))
    study.set_metric_names(["loss"])
    study.set_user_attr("a", 1)
    study.enqueue_trial({"x": 0.5})
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.report(0.5, 1)
    trial.set_user_attr("a", 1)
    trial.set_system_attr("completed_rung_0", 0.5)
    study.tell(trial, 0.5)
    distributions = {"x": optuna.distributions.FloatDistribution(0, 1)}
    running = optuna.trial.create_trial(
        state=optuna.trial.TrialState.RUNNING, params={"x": 0.5}, distributions=distributions
    )
    study.add_trial(running)

    def forms(file):
        found = {}
        for line in open(file, encoding="ascii"):
            record = json.loads(line)
            assert json.dumps(record, separators=(",", ":")) + "\n" == line, line
            found.setdefault((record["op_code"], record.get("state")), set()).add(tuple(record))
            for text in [*record.get("distributions", {}).values(), record.get("distribution")]:
                assert text is None or distribution_to_json(json_to_distribution(text)) == text, text
        return found

    known = forms(reference)
    known[6, 2] = known[6, 3] = known[6, 1]
    written = forms(path(name))
    for form, keys in written.items():
        assert keys <= known[form], (form, keys, known[form])
    assert {code for code, _ in written} == {0, 2, 3, 4, 6, 7, 8, 9}, written
    os.remove(reference)


def suggest(trial, low=1e-5, high=0.1):
    rate = trial.suggest_float("lr", low, high, log=True)
    trial.suggest_int("hidden", 32, 512, log=True)
    trial.suggest_float("drop", 0.0, 0.5, step=0.1)
    if trial.suggest_categorical("act", ["relu", "gelu", "größe"]) == "gelu":
        trial.suggest_float("alpha", 0.0, 1.0)
    return rate


def continue_ours(name):
    """Optuna goes on with our study: takes what waits, samples, narrows bounds, prunes."""
    study = loaded(name, pruner=optuna.pruners.MedianPruner(n_startup_trials=3))
    assert study.metric_names == ["valid/accuracy"] and study.direction.name == "MAXIMIZE"
    study.optimize(lambda trial: suggest(trial), n_trials=4)
    waited = next(trial for trial in study.trials if "fixed_params" in trial.system_attrs)
    assert (waited.params["lr"], waited.params["act"]) == (0.01, "relu"), waited
    study.optimize(lambda trial: suggest(trial, 1e-4, 0.01), n_trials=3)
    assert all(1e-4 <= trial.params["lr"] <= 0.01 for trial in study.trials[-3:])

    def poor(trial):
        suggest(trial)
        trial.report(-1.0, 1)
        assert trial.should_prune()
        raise optuna.TrialPruned

    study.optimize(poor, n_trials=2)
    assert study.trials[-1].state.name == "PRUNED"
    optuna.importance.get_param_importances(study)
    study.enqueue_trial({"lr": 0.02})


def continue_theirs(name):
    """We go on with a study that Optuna made, without a plan of ours."""
    os.makedirs(os.path.dirname(path(name)))
    study = optuna.create_study(study_name=name, storage=storage(name), directions=["minimize"])
    study.optimize(lambda trial: suggest(trial) + math.nan if trial.number == 2 else suggest(trial), n_trials=8)
    study.set_user_attr("who", "Optuna")
    study.enqueue_trial({"lr": 0.03})
    before = compare(name)
    ours(name, "ask", "5")
    assert compare(name) == before + 4, "the one that waited, and four more"
    trials = loaded(name).trials
    assert trials[before - 1].params["lr"] == 0.03 and trials[before - 1].state.name == "COMPLETE"
    assert ours(name, "show")["revision"] == 0


def both_at_once(name):
    before = compare(name)
    worker = subprocess.Popen([JOURNAL, STORE, "mnist", name, "ask", "40"])
    loaded(name).optimize(lambda trial: suggest(trial), n_trials=40)
    assert worker.wait() == 0
    assert compare(name) == before + 80


def torn(name):
    """A write that was cut off, of ours or of Optuna's, is gone once we have written; Optuna alone would stop for good."""
    before = compare(name)
    with open(path(name), "a") as journal:
        journal.write('{"op_code":4,"worker_id":"x","stu')
    ours(name, "ask", "1")
    assert compare(name) == before + 1


def dead(name):
    """A lock whose holder died is taken away by either side."""
    before = compare(name)
    os.symlink(os.path.abspath(path(name)), path(name) + ".lock")
    ours(name, "ask", "1")
    assert compare(name) == before + 1


def dashboard(name):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["optuna-dashboard", path(name), "--port", str(port), "--host", "127.0.0.1"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            time.sleep(1)
            try:
                address = f"http://127.0.0.1:{port}/api/studies"
                studies = json.load(urllib.request.urlopen(address))
                trials = json.load(urllib.request.urlopen(address + "/0"))["trials"]
                break
            except OSError:
                assert server.poll() is None, "optuna-dashboard ended"
        assert [study["study_name"] for study in studies["study_summaries"]] == [name], studies
        assert len(trials) == len(loaded(name).trials)
    finally:
        server.kill()


ours("rates", "make")
assert compare("rates") == 16
check_bytes("rates")
dashboard("rates")
continue_ours("rates")
before = compare("rates")
ours("rates", "ask", "3")
after = compare("rates")
assert after == before + 2, "what Optuna let wait is trained first"
continue_theirs("theirs")
for study in ["rates", "theirs"]:
    both_at_once(study)
    torn(study)
dead("rates")
dashboard("rates")
print(f"Optuna {optuna.__version__} and tracker agree on {compare('rates')} and {compare('theirs')} trials")
