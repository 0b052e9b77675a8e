"""How many examples the properties are tried on: few, the same each time, or many new ones."""

from hypothesis import HealthCheck, Phase, settings

unhurried = settings(
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile(
    "quick",
    unhurried,
    max_examples=12,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # smaller counterexamples are sought by "deep"
)
settings.register_profile("deep", unhurried, max_examples=400)
settings.load_profile("quick")
