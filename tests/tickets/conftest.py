"""Properties are about values, not about time: a busy machine must not fail them."""

from hypothesis import settings

settings.register_profile("tickets", deadline=None)
settings.load_profile("tickets")
