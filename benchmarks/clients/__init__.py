"""One small adapter for each client under test; :mod:`benchmarks.roster` lists them."""
