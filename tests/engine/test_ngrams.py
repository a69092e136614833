import numpy as np
import pytest
from engine.nlu.ngrams import MessageNgrams
from sklearn.feature_extraction.text import TfidfVectorizer

TEXTS = ["ho perso la password", "lupa kata sandi", "I lost my phone", "ciao", "la la la"]


@pytest.fixture(scope="module")
def vectorizer() -> TfidfVectorizer:
    made = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    return made.fit(TEXTS)


@pytest.mark.parametrize(
    "text", [*TEXTS, "La PASSWORD   persa!", "lalalala", "ok", "", "  ", "你好", "x" * 4000]
)
def test_weights_are_those_of_scikit_learn(vectorizer: TfidfVectorizer, text: str) -> None:
    places, weights = MessageNgrams(vectorizer).weighed(text)
    row = np.zeros(len(vectorizer.vocabulary_))
    row[places] = weights
    np.testing.assert_allclose(row, vectorizer.transform([text]).toarray()[0], atol=1e-12)


def test_a_vectorizer_read_from_a_model_weighs_alike(vectorizer: TfidfVectorizer) -> None:
    read = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        sublinear_tf=True,
        vocabulary=dict(vectorizer.vocabulary_),
    )
    read.idf_ = vectorizer.idf_
    first, second = (MessageNgrams(each).weighed("lupa password") for each in (vectorizer, read))
    assert dict(zip(*first, strict=True)) == dict(zip(*second, strict=True))
