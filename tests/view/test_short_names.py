from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hpt.view.parameters import parameter_columns, parameter_texts, short_names

PATHS = st.lists(st.sampled_from(["a", "b", "type", "0", "1"]), min_size=1, max_size=4).map(".".join)


@given(st.lists(st.dictionaries(PATHS, st.none(), max_size=6), max_size=5))
def test_names_tell_the_paths_of_a_record_apart(records: list[dict[str, None]]) -> None:
    names = short_names(records)
    for record in records:
        assert len({names[path] for path in record}) == len(record)
        assert all(path == names[path] or path.endswith("." + names[path]) for path in record)


def test_branches_share_the_names_of_what_they_share() -> None:
    adam = {"optimizer": "adam", "optimizer.adam.learning_rate": 0.1, "optimizer.adam.betas.0": 0.9}
    sgd = {"optimizer": "sgd", "optimizer.sgd.learning_rate": 0.2}
    assert short_names([adam, sgd]) == {
        "optimizer": "optimizer",
        "optimizer.adam.learning_rate": "learning_rate",
        "optimizer.adam.betas.0": "betas.0",
        "optimizer.sgd.learning_rate": "learning_rate",
    }


def test_paths_that_meet_are_told_apart() -> None:
    record = {"model.dropout": 0.1, "training.dropout": 0.2, "training.schedule.type": "step"}
    assert list(short_names([record]).values()) == ["model.dropout", "training.dropout", "schedule.type"]


def test_columns_of_all_trials_come_before_those_of_a_branch() -> None:
    records = [
        {
            "model.activation": "relu",
            "optimizer": "adam",
            "optimizer.adam.beta": 0.9,
            "optimizer.adam.learning_rate": 0.1,
        },
        {"model.activation": "tanh", "optimizer": "sgd", "optimizer.sgd.learning_rate": 1e-5},
    ]
    columns = parameter_columns(records)
    assert [column.title for column in columns] == ["optimizer", "learning_rate", "activation", "beta"]
    assert columns[1].spelled() == ["0.1", "1e-5"]
    assert columns[3].spelled()[1] == ""


def test_texts_spell_out_one_trial() -> None:
    record = {"training.batch_size": 32, "optimizer": "adam", "optimizer.adam.learning_rate": 0.0032149}
    assert parameter_texts(record) == ["optimizer=adam", "learning_rate=0.00321", "batch_size=32"]
