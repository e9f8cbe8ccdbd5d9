"""Folders as people have them: what is a class, a part, or without a label."""

import os
import unicodedata

import pytest

from maeum.core.errors import DataError
from maeum.images import read_folder
from maeum.images.layout import role_of


def make(top, text):
    """Make empty files: ``folder/folder/number`` for so many images, a name with a dot for one."""
    for word in text.split():
        *folders, last = word.split("/")
        inside = top.joinpath(*folders)
        inside.mkdir(parents=True, exist_ok=True)
        place = "".join(folders[:1])
        names = [last] if "." in last else [f"{place}{i}.jpg" for i in range(int(last))]
        for name in names:
            (inside / name).touch()
    return top


def read(top):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)
        return read_folder(top)


# what lies there: the images of each class, of each part, without labels, and what is told
LAYOUTS = {
    "kaggle": ("train/a/3 train/b/2 test/4", "a3 b2", "train5", 4, ""),
    "test in one more folder": ("train/a/3 train/b/2 test/test/4", "a3 b2", "train5", 4, ""),
    "test of unknown": ("train/a/3 train/b/2 test/unknown/4", "a3 b2", "train5", 4, ""),
    "all three": (
        "train/a/3 train/b/2 val/a/1 val/b/1 test/a/2",
        "a6 b3",
        "train5 validation2 test2",
        0,
        "",
    ),
    "valid": ("train/a/3 train/b/2 valid/a/1 valid/b/1", "a4 b3", "train5 validation2", 0, ""),
    "doubled": (
        "set_train/set_train/a/2 set_train/set_train/b/2 "
        "set_test/set_test/a/1 set_test/set_test/b/1 set_pred/3",
        "a3 b3",
        "train4 test2",
        3,
        "",
    ),
    "camels": (
        "trainingSet/trainingSet/0/2 trainingSet/trainingSet/1/2 testSet/testSet/3",
        "02 12",
        "train4",
        3,
        "",
    ),
    "only train": ("train/a/3 train/b/2", "a3 b2", "", 0, "the only folder inside"),
    "unlabeled": ("a/3 b/2 unlabeled/7", "a3 b2", "", 7, ""),
    "unlabeled in train": (
        "train/a/3 train/b/2 train/unsup/7 test/a/1 test/b/1",
        "a4 b3",
        "train5 test2",
        7,
        "",
    ),
    "nested": ("photos/photos/a/3 photos/photos/b/2", "a3 b2", "", 0, "photos/photos"),
    "nested parts": (
        "set/train/a/3 set/train/b/2 set/test/4",
        "a3 b2",
        "train5",
        4,
        "from {top}/set, the",
    ),
    "beside other things": ("images/a/3 images/b/2 annotations/x.xml", "a3 b2", "", 0, "images"),
    "clutter": (
        "a/3 b/2 __MACOSX/a/2 .ipynb_checkpoints/2 a/.ipynb_checkpoints/1 a/._1.jpg",
        "a3 b2",
        "",
        0,
        "",
    ),
    "nested with clutter": ("x/a/3 x/b/2 __MACOSX/x/a/2", "a3 b2", "", 0, "from {top}/x, the"),
    "a copy beside the parts": (
        "train/a/3 train/b/2 test/a/1 test/b/1 copy/train/a/3",
        "a4 b3",
        "train5 test2",
        0,
        "copy",
    ),
    "a class of the test only": (
        "train/a/3 train/b/2 test/a/1 test/bb/2",
        "a4 b2",
        "train5 test1",
        0,
        "Did you mean 'b'",
    ),
    "parts inside the classes": (
        "a/train/3 a/test/1 b/train/2 b/test/1",
        "a4 b3",
        "train5 test2",
        0,
        "",
    ),
    "classes that are called so": ("train/3 bus/2", "bus2 train3", "", 0, ""),
    "valid and invalid": ("valid/3 invalid/2", "invalid2 valid3", "", 0, ""),
    "a station": ("train_station/3 test_tube/2", "test_tube2 train_station3", "", 0, ""),
    "numbered pieces of the same classes": (
        "fold_1/a/2 fold_1/b/1 fold_2/a/1 fold_2/b/2",
        "a3 b3",
        "",
        0,
        "from inside of fold_1, fold_2",
    ),
    "the same folders in each": (
        "2019/a/2 2019/b/1 2020/a/1 2020/b/2",
        "20193 20203",
        "",
        0,
        "holds the folders a, b",
    ),
    "Korean parts": ("학습용/a/3 학습용/b/2 시험용/a/1 시험용/b/1", "a4 b3", "train5 test2", 0, ""),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(tmp_path, name):
    files, classes, parts, unlabelled, told = LAYOUTS[name]
    images = read(make(tmp_path, files))
    assert " ".join(f"{k}{n}" for k, n in images.class_counts.items()) == classes
    assert " ".join(f"{part}{len(rows)}" for part, rows in images.parts.items()) == parts
    assert len(images.unlabelled) == unlabelled
    assert told.format(top=tmp_path) in " ".join(images.notes)
    assert told or not images.notes


REFUSED = {
    "no labels at all": ("train/3 test/2", "the folders test, train, and no class folders"),
    "nothing to train on": ("test/a/3 test/b/3 val/a/2 val/b/2", "there is no train/"),
    "yolo": ("images/train/3 images/val/2 labels/train/x.txt", "no class folders"),
    "one class": ("a/3", "Only the class 'a'"),
    "one class of a part": ("train/a/3 test/2", "Only the class 'a'"),
    "phones": ("a/1.heic a/2.heic b/3.HEIC", r"pip install 'maeum\[heic\]'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_learnt_is_refused(tmp_path, name):
    files, said = REFUSED[name]
    with pytest.raises(DataError, match=said):
        read(make(tmp_path, files))


TABLES = {
    "beside": (
        "images/4",
        "labels.csv",
        "file,label\nimages0.jpg,a\nimages1.jpg,b\nimages2.jpg,a",
        "a2 b1",
        "",
        1,
    ),
    "without suffixes": (
        "train/4 test/2",
        "labels.csv",
        "id,breed\ntrain0,b\ntrain1,a\ntrain2,b\ntrain3,b",
        "a1 b3",
        "",
        2,
    ),
    "by path": (
        "images/4",
        "x.csv",
        "a;b\nimages/images0.jpg;a\nimages/images1.jpg;b\nimages/images3.jpg;a",
        "a2 b1",
        "",
        1,
    ),
    "one-hot": (
        "images/3",
        "train.csv",
        "image_id,sick,well\nimages0,1,0\nimages1,0,1\nimages2,0,1",
        "sick1 well2",
        "",
        0,
    ),
    "inside": (
        "images/2",
        "images/metadata.csv",
        "file_name,text,label\nimages0.jpg,x,1\nimages1.jpg,y,10",
        "11 101",
        "",
        0,
    ),
    "numbered pieces": (
        "part_1/2 part_2/2",
        "meta.csv",
        "name,age,dx\npart_10,3,a\npart_11,4,b\npart_20,5,b\npart_21,6,b",
        "a1 b3",
        "",
        0,
    ),
    "parts": (
        "train/3 test/2",
        "all.csv",
        "file,label\ntrain0.jpg,a\ntrain1.jpg,b\ntrain2.jpg,b\ntest0.jpg,a\ntest1.jpg,b",
        "a2 b3",
        "train3 test2",
        0,
    ),
    "of the test only": (
        "Train/0/3 Train/1/2 Test/3",
        "Test.csv",
        "Width,Path,ClassId\n9,Test/Test0.jpg,0\n9,Test/Test1.jpg,1\n8,Test/Test2.jpg,0",
        "05 13",
        "train5 test3",
        0,
    ),
    "the same names in both": (
        "train/1.png train/2.png train/3.png test/1.png test/2.png",
        "trainLabels.csv",
        "id,label\n1,frog\n2,cat\n3,cat",
        "cat2 frog1",
        "",
        2,
    ),
    "made up": (
        "train/a/3 train/b/2 test/2",
        "sample_submission.csv",
        "id,label\ntest0,a\ntest1,a",
        "a3 b2",
        "train5",
        2,
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_labels(tmp_path, name):
    files, table, text, classes, parts, unlabelled = TABLES[name]
    make(tmp_path, files)
    (tmp_path / table).write_text(text)
    images = read(tmp_path)
    assert " ".join(f"{k}{n}" for k, n in images.class_counts.items()) == classes
    assert " ".join(f"{part}{len(rows)}" for part, rows in images.parts.items()) == parts
    assert len(images.unlabelled) == unlabelled
    if name != "made up":
        assert table.rpartition("/")[2] in " ".join(images.notes)


def test_a_table_whose_labels_are_not_clear_is_refused(tmp_path):
    make(tmp_path, "images/4")
    rows = "\n".join(f"images{i}.jpg,{i % 2},{i // 2}" for i in range(4))
    (tmp_path / "list.csv").write_text("file,left,right\n" + rows)
    with pytest.raises(DataError, match=r"left, right\. Call that column label"):
        read(tmp_path)


NAMES = {
    "dogs and cats": (
        "train/cat.0.jpg train/cat.1.jpg train/dog.0.jpg train/dog.1.jpg test/2",
        "cat2 dog2",
        2,
    ),
    "pets": (
        "images/basset_hound_1.jpg images/basset_hound_12.jpg images/pug_3.jpg images/pug_4.jpg",
        "basset_hound2 pug2",
        0,
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_that_begin_with_their_class(tmp_path, name):
    files, classes, unlabelled = NAMES[name]
    images = read(make(tmp_path, files))
    assert " ".join(f"{k}{n}" for k, n in images.class_counts.items()) == classes
    assert len(images.unlabelled) == unlabelled
    assert "names of the files" in images.notes[0]


@pytest.mark.parametrize("files", ["x/IMG_1.jpg x/IMG_2.jpg x/DSC_1.jpg x/DSC_2.jpg",
                                   "x/a1.jpg x/b2.jpg x/c3.jpg", "x/a1.jpg x/a2.jpg"])  # fmt: skip
def test_names_of_files_that_say_nothing(tmp_path, files):
    with pytest.raises(DataError):
        read(make(tmp_path, files))


def test_names_with_blanks_and_letters_in_pieces(tmp_path):
    spelt = unicodedata.normalize("NFD", "고양이 사진")
    make(tmp_path, "x/개/2")
    (tmp_path / "x" / spelt).mkdir()
    (tmp_path / "x" / spelt / "한 장.jpg").touch()
    assert read(tmp_path).class_counts == {"개": 2, "고양이 사진": 1}


@pytest.mark.parametrize(
    ("name", "role"),
    [("Train", "train"), ("test_images", "test"), ("validation-set", "validation"),
     ("seg_pred", "unlabelled"), ("train_unlabeled", "unlabelled"), ("test1", "test"),
     ("trained", ""), ("training_day", ""), ("train_test", ""), ("테스트 데이터", "test")],
)  # fmt: skip
def test_roles(name, role):
    assert role_of(name) == role


def test_each_part_may_have_a_table_of_its_own(tmp_path):
    top = make(tmp_path / "top", "train/1.jpg train/2.jpg valid/1.jpg valid/3.jpg")
    (top / "train" / "_classes.csv").write_text("filename, Apple, Pear\n1.jpg, 1, 0\n2.jpg, 0, 1\n")
    (top / "valid" / "_classes.csv").write_text("filename, Apple, Pear\n1.jpg, 0, 1\n3.jpg, 1, 0\n")
    found = read(top)
    assert found.class_counts == {"Apple": 2, "Pear": 2}
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 2, "validation": 2}
    assert not found.unlabelled
    assert "train/_classes.csv and valid/_classes.csv" in found.notes[0].replace(os.sep, "/")
