"""`python -m engine.ship_vectors`: put the vectors of all training sentences beside the code.

For a fresh clone to train in minutes; sentences that are added later are encoded where they are missing.
"""

from engine import environment


def main() -> None:
    """The command."""
    environment.prepare()
    from engine import without_tensorflow

    without_tensorflow.install()
    from rasa.shared.importers.importer import TrainingDataImporter

    from engine.nlu import encoders
    from engine.nlu.training_data import examples_with_intent

    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
    texts = [str(e.get("text")) for e in examples_with_intent(importer.get_nlu_data())]
    cached = encoders.CachedEncoder(encoders.create({}), encoders.cache_folder())
    file = cached.ship(texts)
    print(f"{file}: {len(set(texts))} sentences, {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
