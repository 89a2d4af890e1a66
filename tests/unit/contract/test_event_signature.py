"""Only events that the print server signed, and signed just now, are believed.

The package `standardwebhooks` says what a signature is; the former header is held against its own description.
"""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.contract import event_signature
from services.contract.event_signature import (
    FORMER_HEADER,
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    SignatureError,
    StaleSignature,
    key_of,
    make_secret,
    sign,
    sign_as_before,
    verify,
)
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "secret with ümlaut"
BODY = b'{"events": []}'
NOW = 1_700_000_000
GOOD = sign_as_before(SECRET, NOW, BODY)
HEADERS = sign(SECRET, "msg_1", NOW, BODY)
KEYS = st.binary(min_size=1, max_size=64)
IDS = st.text("abcXYZ019_-.", min_size=1, max_size=50)
TIMES = st.integers(0, 10**10)


def verify_former(secret, header, body, now):
    """The former header, and no other."""
    return verify(secret, {FORMER_HEADER: header} if header is not None else {}, body, now)


@given(KEYS, IDS, TIMES, st.text().map(str.encode))
def test_it_is_the_signature_of_standard_webhooks(key, message_id, timestamp, body):
    signed = sign(make_secret(key), message_id, timestamp, body)
    assert signed[SIGNATURE_HEADER] == Webhook(make_secret(key)).sign(message_id, datetime.fromtimestamp(timestamp, UTC), body.decode())
    assert verify(make_secret(key), signed, body, timestamp) == timestamp


@given(KEYS, st.booleans(), st.booleans(), st.booleans())
def test_what_standard_webhooks_refuses_is_refused(key, other_key, other_body, other_id):
    now = int(datetime.now(UTC).timestamp())
    signed = sign(make_secret(key), "msg_1", now, BODY)
    secret = make_secret(key + b"x") if other_key else make_secret(key)
    body = BODY + b" " if other_body else BODY
    headers = {**signed, ID_HEADER: "msg_2"} if other_id else signed
    try:
        Webhook(secret).verify(body.decode(), headers)
        is_believed = True
    except WebhookVerificationError:
        is_believed = False
    assert is_believed == (not (other_key or other_body or other_id))
    if is_believed:
        assert verify(secret, headers, body, now) == now
    else:
        with pytest.raises(SignatureError):
            verify(secret, headers, body, now)


def test_the_example_of_the_description():
    assert sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", NOW, b'{"events":[]}') == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,XQNG2fHhWgHhd8Kplk00KpPTcS114xMkayBULR3VE8c=",
    }


def test_a_secret_of_before_stands_for_its_letters():
    assert key_of("abc") == b"abc"
    assert key_of(make_secret(b"\0\xff")) == b"\0\xff"
    as_key = Webhook(base64.b64encode(SECRET.encode()).decode())
    assert HEADERS[SIGNATURE_HEADER] == as_key.sign("msg_1", datetime.fromtimestamp(NOW, UTC), BODY.decode())


@pytest.mark.parametrize("secret", ["whsec_", "whsec_ä", "whsec_ab c=", "whsec_abc", "whsec_====", "whsec_YWJj!"])
def test_a_secret_that_only_looks_like_one(secret):
    with pytest.raises(SignatureError, match=r"^the secret has no key in base64$"):
        key_of(secret)
    with pytest.raises(SignatureError):
        verify(secret, HEADERS, BODY, NOW)


@pytest.mark.parametrize(
    ("name", "value"),
    [(ID_HEADER, ""), (ID_HEADER, None), (ID_HEADER, "a b"), (ID_HEADER, "ä"), (ID_HEADER, "a" * 257), (ID_HEADER, "msg_1\n"),
     (TIMESTAMP_HEADER, ""), (TIMESTAMP_HEADER, None), (TIMESTAMP_HEADER, "-1"), (TIMESTAMP_HEADER, "1.5"), (TIMESTAMP_HEADER, "9" * 12),
     (TIMESTAMP_HEADER, f"{NOW}\n"), (TIMESTAMP_HEADER, "١"), (TIMESTAMP_HEADER, str(NOW + 1)),
     (SIGNATURE_HEADER, ""), (SIGNATURE_HEADER, "v1,"), (SIGNATURE_HEADER, "v1a,x"), (SIGNATURE_HEADER, "v1,ä"), (SIGNATURE_HEADER, "x"),
     (SIGNATURE_HEADER, HEADERS[SIGNATURE_HEADER].replace("v1", "v2")), (SIGNATURE_HEADER, HEADERS[SIGNATURE_HEADER] + " " * 1024),
     (SIGNATURE_HEADER, HEADERS[SIGNATURE_HEADER] + ",")],
)  # fmt: skip
def test_malformed_headers(name, value):
    changed = {**HEADERS, name: value}
    if value is None:
        del changed[name]
    with pytest.raises(SignatureError):
        verify(SECRET, changed, BODY, NOW)


def test_one_of_several_signatures_is_enough():
    given = f"v1a,{'x' * 40} v1,{'A' * 43}= {HEADERS[SIGNATURE_HEADER]} v2,"
    assert verify(SECRET, {**HEADERS, SIGNATURE_HEADER: given}, BODY, NOW) == NOW
    with pytest.raises(SignatureError, match=r"^wrong signature$"):
        verify(SECRET, {**HEADERS, SIGNATURE_HEADER: f"v1,{'A' * 43}="}, BODY, NOW)


@pytest.mark.parametrize("id_length", [1, 256])
def test_the_longest_headers(id_length):
    headers = sign(SECRET, "a" * id_length, NOW, BODY)
    headers[SIGNATURE_HEADER] = headers[SIGNATURE_HEADER].ljust(1024)
    assert verify(SECRET, headers, BODY, NOW) == NOW


def test_the_new_headers_decide_where_both_are_sent():
    both = {**HEADERS, FORMER_HEADER: GOOD}
    assert verify(SECRET, both, BODY, NOW) == NOW
    with pytest.raises(SignatureError):
        verify(SECRET, {**both, SIGNATURE_HEADER: "v1,x"}, BODY, NOW)
    assert verify(SECRET, {**HEADERS, FORMER_HEADER: "no signature"}, BODY, NOW) == NOW


@pytest.mark.parametrize("offset", [-301, 301])
def test_too_old_or_from_the_future(offset):
    with pytest.raises(StaleSignature) as caught:
        verify(SECRET, HEADERS, BODY, NOW + offset)
    assert caught.value.signed_at == NOW
    assert event_signature.TOLERANCE == 300


@given(st.text(min_size=1).filter(lambda text: text.isprintable()), TIMES, st.binary())
def test_what_is_signed_is_believed(secret, timestamp, body):
    verify_former(secret, sign_as_before(secret, timestamp, body), body, timestamp)


@pytest.mark.parametrize("offset", [-300, 0, 300])
def test_within_the_tolerance(offset):
    verify_former(SECRET, GOOD, BODY, NOW + offset)
    verify(SECRET, HEADERS, BODY, NOW + offset)


def test_while_a_secret_is_changed_one_of_several_is_enough():
    digest = GOOD.split("v1=")[1]
    verify_former(SECRET, f"t={NOW}, v1={'0' * 64}, v1={digest.upper()}, v2=whatever", BODY, NOW)


@pytest.mark.parametrize(
    "header",
    [None, "", "x", f"t={NOW}", GOOD.split(",")[1], f"t={NOW},v1=", f't={NOW},v1={"0" * 64}', f't={NOW},v1=ü{"0" * 63}',
     GOOD.replace(str(NOW), str(NOW + 1)), f"t={NOW}," + GOOD, f't=-1,{GOOD.split(",")[1]}', f't=١,{GOOD.split(",")[1]}',
     GOOD + "," * 2000, f't={"9" * 400},v1={"0" * 64}', GOOD.replace("v1", "v0")],
)  # fmt: skip
def test_refused(header):
    with pytest.raises(SignatureError):
        verify_former(SECRET, header, BODY, NOW)


@pytest.mark.parametrize(
    ("secret", "body", "now"),
    [("other", BODY, NOW), ("", BODY, NOW), (SECRET, BODY + b" ", NOW), (SECRET, BODY, NOW + 301), (SECRET, BODY, NOW - 301),
     (SECRET, BODY, float("nan"))],
)  # fmt: skip
def test_wrong_secret_body_or_time(secret, body, now):
    with pytest.raises(SignatureError):
        verify_former(secret, GOOD, body, now)


def test_an_empty_secret_never_verifies():
    with pytest.raises(SignatureError):
        verify_former("", sign_as_before("", NOW, BODY), BODY, NOW)
    with pytest.raises(SignatureError):
        verify("", sign("", "msg_1", NOW, BODY), BODY, NOW)
