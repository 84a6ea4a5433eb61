"""Prints what Optuna says of the study that `tracker-study/src/importance/ped_anova_tests.rs` draws.

    VENV/bin/python tests/neighbours/make_importance.py       (a venv with `optuna`)
"""

import math
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

warnings.filterwarnings("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)

DOMAINS = {
    "lr": FloatDistribution(1e-5, 1e-1, log=True),
    "dropout": FloatDistribution(0.0, 0.5, step=0.1),
    "hidden": IntDistribution(32, 512, log=True),
    "layers": IntDistribution(1, 8),
    "act": CategoricalDistribution(["choice 0", "choice 1", "choice 2"]),
    "alpha": FloatDistribution(0.0, 1.0),
}

state = 7


def draw():
    global state
    state = state * 48271 % 2147483647
    return state / 2147483647


def trial():
    lr = 10 ** (-5 + 4 * draw())
    dropout = min(math.floor(draw() * 6), 5) * 0.1
    hidden = math.floor(32 * 16 ** draw())
    layers = 1 + math.floor(draw() * 8)
    act = math.floor(draw() * 3)
    alpha = draw()
    worse = abs(alpha - 0.7) if act == 1 else 0.3 + 0.2 * act
    value = (math.log10(lr) + 3) ** 2 + 0.3 * dropout + 0.1 * layers + worse - 0.05 * math.log(hidden) + 0.2 * draw()
    params = {"lr": lr, "dropout": dropout, "hidden": hidden, "layers": layers, "act": f"choice {act}"}
    if act == 1:
        params["alpha"] = alpha
    return params, value


trials = [trial() for _ in range(120)]
for direction in ["minimize", "maximize"]:
    study = optuna.create_study(direction=direction)
    for params, value in trials:
        distributions = {name: DOMAINS[name] for name in params}
        study.add_trial(optuna.create_trial(params=params, distributions=distributions, value=value))
    print(f"optuna {optuna.__version__}, {direction}")
    for name, share in get_param_importances(study, evaluator=PedAnovaImportanceEvaluator()).items():
        print(f'    ("{name}", {share!r}),')
