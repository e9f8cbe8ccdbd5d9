"""What was renamed is still found where it was."""

from maeum import forecasting, images, language, sequences, texts
from maeum.images.experiment import read_pictures


def test_forecasting_is_still_called_sequences():
    for name in forecasting.__all__:
        assert getattr(sequences, name) is getattr(forecasting, name)


def test_text_classification_is_still_found_in_language():
    for name in ["TextClassifier", "TextOptions", "TrainedText", "train_text"]:
        assert getattr(language, name) is getattr(texts, name)


def test_images_were_called_pictures():
    assert images.PictureError is images.ImageError
    assert images.MissingPictureError is images.MissingImageError
    assert callable(read_pictures)


def test_the_results_of_tables_are_still_written_from_their_room():
    from maeum.experiment.files import write_results as one_for_all
    from maeum.tabular.files import write_results

    assert write_results is one_for_all
