"""Something happens to tickets: by mail (triage), by the clock (upkeep), by hand (agent). Never touches the network."""
