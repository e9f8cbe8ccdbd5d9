import os
import unicodedata
from pathlib import Path

import pytest

from maeum.core.errors import DataError
from maeum.images import load_image, read_folder


def names(images):
    return [os.path.relpath(path, Path(path).parents[1]) for path in images.paths]


def test_every_folder_is_a_class(classes):
    images = read_folder(classes(dog=2, cat=3, **{"a bird": 1}))
    assert images.class_names == ["a bird", "cat", "dog"]
    assert images.class_counts == {"a bird": 1, "cat": 3, "dog": 2}
    assert images.labels.tolist() == [0, 1, 1, 1, 2, 2]
    assert names(images)[:2] == ["a bird/00.png", "cat/00.png"]
    assert images.notes == []


def test_classes_can_be_chosen_and_ordered(classes):
    images = read_folder(classes(dog=2, cat=3, bird=1), ["dog", "bird"])
    assert images.class_names == ["dog", "bird"]
    assert images.labels.tolist() == [0, 0, 1]


def test_folders_further_down_belong_to_the_topmost(classes, save):
    top = classes(cat=1, dog=1)
    save("photos/cat/indoors/2020/x.png")
    assert read_folder(top).class_counts == {"cat": 2, "dog": 1}


def test_hidden_files_and_folders_are_passed_over(classes, save):
    top = classes(cat=1, dog=1)
    for name in [".git/a.png", "cat/._00.png", "cat/.thumbs/a.png", "cat/Thumbs.db", ".x.png"]:
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).touch()
    images = read_folder(top)
    assert images.class_counts == {"cat": 1, "dog": 1}
    assert images.notes == []


def test_other_files_are_counted_and_named(classes):
    top = classes(cat=1, dog=1)
    for name in ["cat/a.txt", "cat/b.txt", "cat/README", "dog/c.XML"]:
        (top / name).touch()
    first, second = read_folder(top).notes
    assert first.startswith("3 files in ")
    assert first.endswith("images by their suffix: .txt (2), no suffix (1).")
    assert ".xml (1)" in second


def test_suffixes_count_in_any_case(classes, save):
    top = classes(cat=1, dog=1)
    save("photos/cat/B.JPG")
    save("photos/cat/C.JpEg")
    assert read_folder(top).class_counts["cat"] == 3


def test_images_outside_the_class_folders_are_warned_of(classes, save):
    top = classes(cat=1, dog=1)
    save("photos/loose.png")
    with pytest.warns(UserWarning, match=r"1 image in .* no class folder: loose\.png"):
        images = read_folder(top)
    assert len(images) == 2


def test_an_empty_class_is_warned_of_and_left_out(classes):
    top = classes(cat=2, dog=1, eel=0)
    with pytest.warns(UserWarning, match="The class 'eel' has no images"):
        images = read_folder(top)
    assert images.class_names == ["cat", "dog"]
    (top / "eel").rmdir()
    with pytest.warns(UserWarning, match="bat"):
        images = read_folder(classes(bat=0, cat=2, dog=1))
    assert images.class_names == ["cat", "dog"]
    assert images.labels.tolist() == [0, 0, 1]


def test_an_empty_class_that_was_asked_for_keeps_its_number(classes):
    with pytest.warns(UserWarning, match="bat"):
        images = read_folder(classes(bat=0, cat=2, dog=1), ["bat", "cat", "dog"])
    assert images.labels.tolist() == [1, 1, 2]
    assert images.class_counts == {"bat": 0, "cat": 2, "dog": 1}


def test_one_class_is_an_error_and_others_are_looked_for_deeper(classes, save):
    with pytest.raises(DataError, match=r"Only the class 'cat' .* at least two classes"):
        read_folder(classes(cat=2))
    for name in ("in/wrapped/cat/1.png", "in/wrapped/dog/1.png"):
        top = save(name).parents[2]
    assert read_folder(top).class_names == ["cat", "dog"]
    assert "in/wrapped, the only folder inside" in read_folder(top).notes[0]
    with pytest.raises(DataError, match=r"Only the class 'wrapped'"):
        read_folder(top, divided=False)


def test_kinds_that_cannot_be_read_are_named_with_what_to_do(classes):
    top = classes(cat=1, dog=1)
    for name in ["cat/a.heic", "cat/b.HEIC", "dog/c.svg"]:
        (top / name).touch()
    with pytest.warns(UserWarning, match="ignored"):
        first, second = read_folder(top).notes
    assert "each of a.heic, b.HEIC is a HEIC image of a phone; install pillow-heif" in first
    assert "c.svg is a drawing (SVG); convert it to PNG" in second


def test_no_images_is_an_error(tmp_path, classes):
    with pytest.raises(DataError, match="has no class folders"):
        read_folder(tmp_path)
    top = classes(cat=0, dog=0)
    (top / "cat" / "x.txt").touch()
    with (
        pytest.warns(UserWarning, match="no images"),
        pytest.raises(DataError, match=r"No folder in .* holds an image\..*\.txt \(1\)"),
    ):
        read_folder(top)


def test_images_without_class_folders_are_an_error_that_says_what_to_do(save):
    top = save("flat/1.png").parent
    with pytest.raises(DataError, match=r"1 image directly in it.*a table with the columns"):
        read_folder(top)
    assert read_folder(top, labelled=False).labels is None


def test_unlabelled_images_are_found_wherever_they_lie(classes, save):
    top = classes(cat=2, dog=1)
    save("photos/loose.png")
    assert len(read_folder(top, labelled=False)) == 4
    with pytest.raises(DataError, match="holds no images"):
        read_folder(save("e/x/1.png").parents[1] / "x" / "..", labelled=False, suffixes=(".gif",))


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [("train", "validation", "test"), ("Training", "val", None), ("train", None, "testing")],
)
def test_a_folder_divided_into_parts_is_recognised(classes, train, validation, test):
    top = classes(f"photos/{train}", cat=3, dog=2)
    wanted = {"train": 5}
    if validation:
        classes(f"photos/{validation}", cat=1, dog=1)
        wanted["validation"] = 2
    if test:
        classes(f"photos/{test}", cat=2, dog=1)
        wanted["test"] = 3
    images = read_folder(top.parent)
    assert images.class_names == ["cat", "dog"]
    assert {part: len(rows) for part, rows in images.parts.items()} == wanted
    parts = images.split(validation=0.2, test=0)
    assert test is None or parts.test.class_counts == {"cat": 2, "dog": 1}
    assert all(f"/{train}/" in path for path in parts.train.paths)
    if validation:
        assert parts.validation.class_counts == {"cat": 1, "dog": 1}
    else:  # nobody kept any aside: a share of the training part
        assert len(parts.train) + len(parts.validation) == 5


def test_a_class_may_be_called_train(classes):
    images = read_folder(classes(train=2, bus=1))
    assert images.class_names == ["bus", "train"]
    assert not images.parts
    divided = classes("d/train", cat=1, dog=1).parent
    assert read_folder(classes("d/test", cat=1, dog=1).parent).class_names == ["cat", "dog"]
    assert read_folder(divided, divided=False).class_names == ["test", "train"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_korean_classes(classes, form):
    spelt = {unicodedata.normalize(form, name): n for name, n in {"고양이": 2, "개": 1}.items()}
    top = classes("사진", **spelt)
    images = read_folder(top)
    assert images.class_names == ["개", "고양이"]
    assert all(load_image(path, 4).shape == (4, 4, 3) for path in images.paths)
    assert read_folder(top, ["고양이", "개"]).labels.tolist() == [0, 0, 1]


def test_a_class_spelt_in_two_ways_is_one(save):
    for form in ("NFC", "NFD"):
        top = save(unicodedata.normalize(form, f"t/고양이/{form}.png")).parents[1]
    save("t/개/a.png")
    assert read_folder(top).class_counts == {"개": 1, "고양이": 2}


def test_links_are_followed_only_if_asked(classes, tmp_path, save):
    top = classes(cat=1, dog=1)
    elsewhere = save("elsewhere/1.png").parent
    (top / "eel").symlink_to(elsewhere, target_is_directory=True)
    (top / "cat" / "loop").symlink_to(top / "cat", target_is_directory=True)
    with pytest.warns(UserWarning, match="is not followed: eel"):
        assert read_folder(top).class_names == ["cat", "dog"]
    assert read_folder(top, follow_links=True).class_counts == {"cat": 1, "dog": 1, "eel": 1}


def test_what_is_no_folder_is_named(classes, save):
    top = classes(cat=1, dog=1)
    with pytest.raises(FileNotFoundError, match=r"no such folder. Did you mean 'photos'"):
        read_folder(top.with_name("fotos"))
    with pytest.raises(DataError, match="is a file"):
        read_folder(top / "cat" / "00.png")
    with pytest.raises(DataError, match=r"class 'dgo'.*Did you mean 'dog'"):
        read_folder(top, ["cat", "dgo"])
    with pytest.raises(DataError, match="twice"):
        read_folder(top, ["cat", "cat"])


def test_links_to_class_folders_are_told_and_followed_when_asked(tmp_path):
    for name in ("top/a", "top/b", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "1.png").touch()
    try:
        (tmp_path / "top" / "c").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.warns(UserWarning, match="1 link to a folder in .* is not followed: c"):
        found = read_folder(tmp_path / "top")
    assert found.class_names == ["a", "b"]
    assert len(found.notes) == 1
    assert read_folder(tmp_path / "top", follow_links=True).class_names == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("folders", "named"),
    [
        (["images", "labels"], "labels/"),
        (["train/images", "train/labels", "valid/images", "valid/labels"], "labels/"),
        (["JPEGImages", "Annotations", "ImageSets", "SegmentationClass"], "SegmentationClass/"),
        (["images", "masks"], "masks/"),
    ],
)
def test_boxes_and_masks_are_no_classes(save, tmp_path, folders, named):
    for folder in folders:
        (tmp_path / "photos" / folder).mkdir(parents=True)
        if folder.lower().endswith(("images", "masks")):
            save(f"photos/{folder}/0.png")
    with pytest.raises(DataError, match="object detection or segmentation") as raised:
        read_folder(tmp_path / "photos")
    assert named in str(raised.value)


def test_classes_called_like_masks_are_classes(classes):
    assert read_folder(classes(masks=2, gloves=2)).class_names == ["gloves", "masks"]
    assert read_folder(classes("x", images=2, masks=2), ["images", "masks"]).labels.size == 4
