"""Wrong answers that students give, exercise by exercise, each with words that the check has to say to it.

An answer stands in the place of «YOUR CODE HERE». Every exercise has three or more; check_exercises.py tries them.
"""

WRONG_ANSWERS = {
    "tenth_label": [
        ("label = images.label(10);", "image 10 is the eleventh"),  # the tenth and the eleventh differ in MNIST and in the sample
        ("label = images.pixel(9, 14, 14) + 10;", "A label is a digit, 0 to 9"),
        ("label = images.lable(9);", "is still null"),
    ],
    "mean_ink": [
        ("ink = new double[10];", "no digit is written without ink"),
        ("ink = new double[9];", "there have to be ten"),
        ("ink = new double[10];\nfor (int i = 0; i < images.size(); i++) {\n    for (int p = 0; p < 784; p++) "
         "ink[images.label(i)] += images.pixel(i, p / 28, p % 28);\n}", "is the sum of all pixels"),
        ("ink = new double[10];\nfor (int i = 0; i < images.size(); i++) {\n    for (int p = 0; p < 784; p++) "
         "ink[images.label(i)] += images.pixel(i, p / 28, p % 28) / 784.0 / images.size();\n}", "divided by the number of all images"),
        ("ink = new double[10];\nint[] none = new int[10];\nfor (int d = 0; d < 10; d++) ink[d] = 1.0 * ink[d] / none[d];",
         "something was divided by 0"),
    ],
    "honest_split": [
        ("Split first = Split.stratified(images, 0.2, 42);\nSplit second = Split.stratified(images, 0.25, 43);\n"
         "test = first.validation();\ntraining = second.training();\nvalidation = second.validation();",
         "both in training and in test: the network would know images"),
        ("Split first = Split.stratified(images, 0.2, 42);\nSplit second = Split.stratified(first.training(), 0.2, 42);\n"
         "test = first.validation();\ntraining = second.training();\nvalidation = second.validation();", "20 % of all are 25 % of the other 80 %"),
        ("training = images.take(2_000);\nvalidation = images.subset(2_000, 2_001);\ntest = images.subset(2_002);",
         "have 2,003 images together"),
    ],
    "scaled": [
        ("scaled = some.toArray();", "it has to be [100, 1, 28, 28]"),
        ("scaled = some.toArray().castTo(DataType.FLOAT).reshape(100, 1, 28, 28);", "The largest number is still 255"),
        ("scaled = some.toArray().div(255).reshape(100, 1, 28, 28);", "castTo(DataType.FLOAT)"),
        ("scaled = some.toArray().castTo(DataType.FLOAT).div(127.5).sub(1).reshape(100, 1, 28, 28);", "divide only, subtract nothing"),
    ],
    "one_hot": [
        ("oneHot = Nd4j.zeros(100, 10);", "a row has a single 1"),
        ("oneHot = Nd4j.zeros(100, 10);\nfor (int i = 0; i < 100; i++) oneHot.putScalar(i, (some.label(i) + 9) % 10, 1);",
         "columns are counted from 0"),
        ("oneHot = Nd4j.zeros(10, 100);", "it has to be [100, 10]"),
    ],
    "parameters": [
        ("convolution = 16 * 5 * 5 * 8;", "You left out the biases"),
        ("convolution = 16 * (5 * 5 + 1);", "all 8 channels at once"),
        ("convolution = 3216;\nnormalization = 32;", "the running mean and variance count, too"),
        ("convolution = 3216;\nnormalization = 64;\ndense = 32 * (10 * 10 * 16 + 1);", "Pooling comes first"),
        ("convolution = 3216;", "normalization is still null"),
    ],
    "shape": [
        ("layers.add(new ConvolutionLayer.Builder(29, 29).nOut(24).build());", "cannot build these layers"),
        ("layers.add(new ConvolutionLayer.Builder(3, 3).nOut(24).build());\n"
         "layers.add(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build());",
         "Your shapes: 28×28×1 → 26×26×24 → 10."),
        ("layers.add(new ConvolutionLayer.Builder(24, 24).nOut(24).build());\n"
         "layers.add(new OutputLayer.Builder(LossFunction.MSE).nOut(10).activation(Activation.IDENTITY).build());", "they are not probabilities"),
        ("layers.add(new ConvolutionLayer.Builder(24, 24).nOut(24).build());\nlayers.add(new DenseLayer.Builder().nOut(50).build());\n"
         "layers.add(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build());", "it must have fewer than 15,000"),
    ],
    "cross_entropy": [
        ("loss = Math.log(probabilities[label]);", "The sign is wrong"),
        ("loss = -Math.log10(probabilities[label]);", "base 10"),
        ("loss = 1 - probabilities[label];", "it is not the cross-entropy"),
        ("loss = 0;\nfor (double p : probabilities) loss -= p * Math.log(p);", "gives NaN"),
        ("loss = -Math.log(probabilities[label + 10]);", "ended in an error"),
    ],
    "curve": [
        ("history = Trainer.of(network, 42).fit(training, 1);", "The history has 1 epoch"),
        ("history = Trainer.of(network, 42).fit(training, 2);", "were not validated"),
        ("history = Trainer.of(network, 42).fit(training, validation, 2);\nbestEpoch = 3 - history.best().get().number();", "is not the best"),
    ],
    "pair": [
        ("pair = new int[] {5, 5};", "that is the diagonal"),
        ("pair = new int[] {9, 4, 4};", "it has to have two"),
        ("pair = new int[] {0, 12};", "are not both digits"),
    ],
    "top_two": [
        ("share = p.accuracy();", "that is plain accuracy"),
        ("share = 1;", "The third place was counted"),
        ("share = 3 / 4;", "That cuts off the fraction"),
        ("share = 0.75;", "Does your code assume a number of classes or images?"),
    ],
    "rate": [
        ("rate = 1e-6;", "Such steps are too small"),
        ("rate = 3.0;", "Such steps are too large"),
        ("rate = -0.001;", "a number above 0"),
    ],
    "augmentation": [
        ("augmentation = Augmentation.NONE;", "changes nothing"),
        ("augmentation = Augmentation.NONE.shifted(2).flipped();", "a mirrored 3 is not a digit"),
        ("augmentation = Augmentation.NONE.rotated(90);", "a 6 a 9"),
    ],
    "small_lenet": [
        ("network = lenet;", "it must have fewer than 20,000"),
        ("network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().seed(1).list()\n"
         "    .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())\n"
         "    .setInputType(InputType.convolutional(28, 28, 1)).build());\nnetwork.init();", "That is guessing"),
        ("network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder().seed(1).updater(new Adam(0.001)).list()\n"
         "    .layer(new OutputLayer.Builder(LossFunction.MCXENT).nOut(10).activation(Activation.SOFTMAX).build())\n"
         "    .setInputType(InputType.convolutional(28, 28, 1)).build());\nnetwork.init();\n"
         "Trainer.of(network, 1).fit(training, 1);", "Things to try, one at a time"),
    ],
}
