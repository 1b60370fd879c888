"""``python -m axio_transport_openai`` is the ``axio-openai`` command."""

from .cli import main

if __name__ == "__main__":
    main()
