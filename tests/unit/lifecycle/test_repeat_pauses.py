"""How long a request waits that was answered with an error."""

from services.lifecycle.repeat_pauses import RepeatPauses


def test_each_error_doubles_the_pause_up_to_a_minute():
    pauses, moment, waited = RepeatPauses(), 100.0, []
    for _error in range(7):
        assert pauses.due(["a"], moment) == ("a",)
        pauses.failed(["a"], moment)
        waited.append(pauses.next_at() - moment)
        assert pauses.due(["a", "b"], pauses.next_at() - 0.01) == ("b",)
        moment = pauses.next_at()
    assert waited == [2, 4, 8, 16, 32, 60, 60]


def test_the_server_may_ask_for_a_longer_pause():
    pauses = RepeatPauses()
    pauses.failed(["a"], 100.0, retry_after=10)
    assert pauses.next_at() == 110
    pauses.failed(["a"], 110.0)
    assert pauses.next_at() == 114


def test_what_is_no_longer_wanted_is_forgotten():
    pauses = RepeatPauses()
    pauses.failed(["a", "b"], 100.0)
    pauses.keep(["b"])
    assert pauses.due(["a", "b"], 101.0) == ("a",)
    pauses.keep([])
    assert pauses.next_at() is None
