# Keras 1 and 2: over nine in ten digits are right.
import sys

import numpy as np
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.layers import Activation, Convolution2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential, load_model
from keras.optimizers import SGD, Adadelta
from keras.utils import np_utils
from sklearn.datasets import load_digits

folder = sys.argv[1]
np.random.seed(7)
digits = load_digits()
X = digits.images.reshape(-1, 8, 8, 1).astype("float32") / 16
Y = np_utils.to_categorical(digits.target, nb_classes=10)

model = Sequential()
model.add(Convolution2D(16, 3, 3, border_mode="same", input_shape=(8, 8, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(output_dim=64, init="glorot_uniform", activation="relu"))
model.add(Dropout(p=0.2))
model.add(Dense(10, activation="softmax"))
model.compile(
    loss="categorical_crossentropy",
    optimizer=SGD(lr=0.1, momentum=0.9, decay=1e-4),
    metrics=["accuracy"],
)
best = ModelCheckpoint(folder + "/best.hdf5", monitor="val_acc", save_best_only=True)
history = model.fit(
    X[:1500],
    Y[:1500],
    nb_epoch=8,
    batch_size=50,
    verbose=0,
    validation_data=(X[1500:], Y[1500:]),
    callbacks=[EarlyStopping(monitor="val_acc", patience=5), best],
)
scores = model.evaluate(X[1500:], Y[1500:], verbose=0)
classes = model.predict_classes(X[1500:], verbose=0)
model.save(folder + "/model.h5")
again = load_model(folder + "/model.h5")


def batches():
    while True:
        yield X[:100], Y[:100]


model.fit_generator(batches(), steps_per_epoch=2, epochs=1, verbose=0)
adadelta = Adadelta()
RESULT = {
    "accuracy": scores[1],
    "acc": history.history["acc"][-1],
    "classes": (classes == digits.target[1500:]).mean(),
    "same": np.allclose(again.predict(X[:9], verbose=0), again.predict_proba(X[:9]), atol=1e-6),
    "rate": float(adadelta.learning_rate),
}

# A functional model, with a model inside.
from keras.layers import Input, merge
from keras.models import Model

left = Input(shape=(4,))
right = Input(shape=(4,))
inner = Sequential([Dense(3, input_dim=4), Activation("tanh")])
joined = merge([inner(left), inner(right)], mode="concat", concat_axis=-1)
functional = Model(input=[left, right], output=Dense(1)(joined))
functional.compile(loss="mse", optimizer="adadelta")
pair = [np.ones((6, 4)), np.zeros((6, 4))]
functional.fit(pair, np.ones(6), epochs=2, verbose=0)
functional.save(folder + "/functional.h5")
RESULT["functional"] = np.allclose(
    load_model(folder + "/functional.h5").predict(pair, verbose=0),
    functional.predict(pair, verbose=0),
)


class Own(Model):
    def __init__(self):
        super().__init__()
        self.dense = Dense(2)

    def call(self, x):
        return self.dense(x)


own = Own()
RESULT["own"] = own(np.ones((3, 4))).shape
