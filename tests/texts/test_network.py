"""The networks that classify texts."""

import numpy as np

from maeum.texts import TextOptions
from maeum.texts.encoding import make_encoder
from maeum.texts.network import build_network


def test_bag_begins_with_naive_bayes(reviews):
    from sklearn.naive_bayes import MultinomialNB

    table = reviews(60)
    texts, y = table["review"].tolist(), (table["label"] == "pos").to_numpy().astype(int)
    options = TextOptions(network="bag").resolved(60)
    encoder = make_encoder(texts, options)
    x = encoder.encode(texts)
    network = build_network(encoder, 2, options, x, y)
    counts = np.zeros((60, len(encoder.vocabulary)))
    for row, numbers in enumerate(x):
        counts[row, numbers[numbers > 0]] = 1
    bayes = MultinomialNB().fit(counts, y)
    joint = bayes.predict_joint_log_proba(counts)
    ours = np.log(network.predict(x, verbose=0))
    away = joint[:, 1] - joint[:, 0] - np.diff(bayes.class_log_prior_)
    np.testing.assert_allclose(ours[:, 1] - ours[:, 0], 0.35 * away, rtol=0.02, atol=0.02)
