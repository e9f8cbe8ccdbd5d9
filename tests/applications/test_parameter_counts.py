"""How many parameters the networks have: as their papers, or as Keras (see test_against_keras)."""

import pytest

from maeum import applications

# Keras's own numbers; `test_against_keras` compares the same networks with Keras itself.
KERAS = {
    "VGG16": 138_357_544,
    "VGG19": 143_667_240,
    "ResNet50": 25_636_712,
    "ResNet101": 44_707_176,
    "ResNet152": 60_419_944,
    "InceptionV3": 23_851_784,
    "Xception": 22_910_480,
    "DenseNet121": 8_062_504,
    "DenseNet169": 14_307_880,
    "DenseNet201": 20_242_984,
    "MobileNet": 4_253_864,
    "MobileNetV2": 3_538_984,
    "EfficientNetB0": 5_330_571,
    "EfficientNetV2B0": 7_200_312,
    "MobileNetV3Small": 2_554_968,
    "MobileNetV3Large": 5_507_432,
    "ResNet50V2": 25_613_800,
    "ConvNeXtTiny": 28_589_128,
    "NASNetMobile": 5_326_716,
    "InceptionResNetV2": 55_873_736,
}
LARGE = {  # these take a second or more to build
    "EfficientNetB1": 7_856_239,
    "EfficientNetB2": 9_177_569,
    "EfficientNetB3": 12_320_535,
    "EfficientNetB4": 19_466_823,
    "EfficientNetB5": 30_562_527,
    "EfficientNetB6": 43_265_143,
    "EfficientNetB7": 66_658_687,
    "EfficientNetV2B1": 8_212_124,
    "EfficientNetV2B2": 10_178_374,
    "EfficientNetV2B3": 14_467_622,
    "EfficientNetV2S": 21_612_360,
    "EfficientNetV2M": 54_431_388,
    "EfficientNetV2L": 119_027_848,
    "ResNet101V2": 44_675_560,
    "ResNet152V2": 60_380_648,
    "ConvNeXtSmall": 50_223_688,
    "ConvNeXtBase": 88_591_464,
    "ConvNeXtLarge": 197_767_336,
    "ConvNeXtXLarge": 350_196_968,
    "NASNetLarge": 88_949_818,
}


@pytest.mark.parametrize(
    ("name", "count"),
    [*KERAS.items(), *(pytest.param(*each, marks=pytest.mark.soak) for each in LARGE.items())],
)
def test_the_network_has_as_many_parameters_as_keras_s_and_computes_none(name, count):
    model = getattr(applications, name)()
    assert model.count_params() == count
    assert f"{count:,} parameters" in " ".join(getattr(applications, name).__doc__.split())
    assert model.output_shape == (None, 1000)
    assert all(w._value is None for w in model.weights)


def learnt(model):
    return sum(w.size for w in model.trainable_weights)


def dense(inputs, outputs):
    return inputs * outputs + outputs


def conv(size, channels, filters, groups=1):
    return size * size * channels // groups * filters + filters


def test_lenet_counts_as_its_paper_with_whole_connections():
    # C1, C3, C5 (a 5x5 convolution of 5x5 maps, so a dense layer), F6 and the output.
    expected = (
        conv(5, 1, 6) + conv(5, 6, 16) + dense(5 * 5 * 16, 120) + dense(120, 84) + dense(84, 10)
    )
    assert expected == 61_706
    assert applications.LeNet5().count_params() == expected
    assert applications.LeNet5(input_shape=(28, 28, 1)).count_params() == expected


@pytest.mark.parametrize(("groups", "published"), [(2, 60_965_224), (1, 62_378_344)])
def test_alexnet_counts_as_its_paper(groups, published):
    expected = (
        conv(11, 3, 96)
        + conv(5, 96, 256, groups)
        + conv(3, 256, 384)
        + conv(3, 384, 384, groups)
        + conv(3, 384, 256, groups)
        + dense(6 * 6 * 256, 4096)
        + dense(4096, 4096)
        + dense(4096, 1000)
    )
    assert expected == published
    assert applications.AlexNet(groups=groups).count_params() == expected


def test_googlenet_counts_as_the_table_of_its_paper():
    # By block: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection (table 1).
    table = """
        64 96 128 16 32 32, 128 128 192 32 96 64, 192 96 208 16 48 64, 160 112 224 24 64 64,
        128 128 256 24 64 64, 112 144 288 32 64 64, 256 160 320 32 128 128,
        256 160 320 32 128 128, 384 192 384 48 128 128"""
    expected = conv(7, 3, 64) + conv(1, 64, 64) + conv(3, 64, 192)
    channels, before = 192, {}
    for block, row in zip(["3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"], table.split(",")):
        a, b, c, d, e, f = map(int, row.split())
        expected += conv(1, channels, a + b + d + f) + conv(3, b, c) + conv(5, d, e)
        channels = before[block] = a + c + e + f
    expected += dense(channels, 1000)
    assert expected == 6_998_552  # the number of the Caffe model of the paper
    assert applications.GoogLeNet().count_params() == expected
    for block in ("4a", "4d"):
        expected += conv(1, before[block], 128) + dense(4 * 4 * 128, 1024) + dense(1024, 1000)
    assert expected == 13_378_280
    assert applications.GoogLeNet(auxiliary=True).count_params() == expected


@pytest.mark.parametrize(("version", "count"), [("1.0", 1_248_424), ("1.1", 1_235_496)])
def test_squeezenet_counts_as_its_authors_models(version, count):
    assert applications.SqueezeNet(version=version).count_params() == count


@pytest.mark.parametrize(
    ("name", "depths", "count"),
    [("ResNet18", (2, 2, 2, 2), 11_689_512), ("ResNet34", (3, 4, 6, 3), 21_797_672)],
)
def test_small_resnets_count_as_their_paper(name, depths, count):
    expected, before = 7 * 7 * 3 * 64 + 2 * 64, 64
    for depth, filters in zip(depths, (64, 128, 256, 512)):
        expected += 9 * before * filters + (2 * depth - 1) * 9 * filters**2 + 4 * depth * filters
        if before != filters:  # the shortcut of option B, normalized
            expected += before * filters + 2 * filters
        before = filters
    expected += dense(512, 1000)
    assert expected == count  # what torchvision's models have
    assert learnt(getattr(applications, name)()) == count
