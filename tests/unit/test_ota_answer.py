"""What OTA answers say: errors, faults, warnings, and nothing at all."""

import pytest

from checks import ota_answer
from checks.result import Reason, Result, Sign
from checks.xml_document import parse

OTA = 'xmlns="http://www.opentravel.org/OTA/2003/05"'
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def answer(inside: str, name: str = "OTA_HotelRateAmountNotifRS", space: str = OTA) -> str:
    return f'<{name} {space} Version="1.0">{inside}</{name}>'


def errors(*attributes: str) -> str:
    return "<Errors>" + "".join(f"<Error {one}/>" for one in attributes) + "</Errors>"


def envelope(inside: str, space: str = SOAP_11) -> str:
    return f'<s:Envelope xmlns:s="{space}"><s:Header/><s:Body>{inside}</s:Body></s:Envelope>'


def judged(text: str) -> Result:
    return ota_answer.judge(parse(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        answer("<Success/>"),
        answer("<Success/>", space=""),
        envelope(answer("<Success/>")),
        answer('<Success/><Warnings><Warning Type="11">all read</Warning></Warnings>', "OTA_PingRS"),
        answer("", "OTA_HotelRateAmountNotifRQ"),
        "<pong/>",
        envelope(""),
        "<status><Fault>none</Fault></status>",
    ],
)
def test_success_and_what_is_no_ota_answer_are_ok(text: str) -> None:
    assert judged(text).reason is None


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('Type="4"', Reason.CREDENTIALS),
        ('Type="5"', Reason.CREDENTIALS),
        ('Type="9"', Reason.CREDENTIALS),
        ('Type="4" Code="448"', Reason.CREDENTIALS),
        ('Type="4" Code="392"', Reason.CREDENTIALS),
        ('Type="6"', Reason.FORBIDDEN),
        ('Type="3" Code="497"', Reason.FORBIDDEN),
        ('Type="3" Code="392"', Reason.FORBIDDEN),
        ('Code="375"', Reason.FORBIDDEN),
        ('Type="3"', Reason.CONTENT),
        ('Type="7"', Reason.CONTENT),
        ('Type="10"', Reason.CONTENT),
        ('Type="3" Code="448"', Reason.CONTENT),
        ('Type="1" Code="249"', Reason.CONTENT),
        ('Type="13" Code="402"', Reason.CONTENT),
        ('Code="320"', Reason.CONTENT),
        ('Code="321"', Reason.CONTENT),
        ('Code="436"', Reason.CONTENT),
        ('Code="783"', Reason.CONTENT),
        ('Code="842"', Reason.CONTENT),
        ('Type="2"', Reason.CLIENT_ERROR),
        ('Type="8"', Reason.CLIENT_ERROR),
        ('Type="1"', Reason.SERVER_ERROR),
        ('Type="12"', Reason.SERVER_ERROR),
        ('Type="13"', Reason.SERVER_ERROR),
        ('Type="3" Code="187"', Reason.SERVER_ERROR),
        ('Code="450"', Reason.SERVER_ERROR),
        ('Code="448"', Reason.SERVER_ERROR),
        ('Type="11"', Reason.CONTENT),
        ('Type="99" Code="999999999999"', Reason.CONTENT),
        ('Type="٤" Code="four"', Reason.CONTENT),
        ("", Reason.CONTENT),
    ],
)
def test_an_error_has_the_reason_of_its_type_and_code(attributes: str, reason: Reason) -> None:
    assert judged(answer(errors(attributes))).reason is reason


@pytest.mark.parametrize("wrap", [answer, lambda inside: envelope(answer(inside)), lambda inside: inside])
def test_errors_count_wherever_they_stand(wrap: object) -> None:
    assert callable(wrap)
    assert judged(wrap(errors('Type="4"'))).reason is Reason.CREDENTIALS


def test_errors_outrank_success_beside_them() -> None:
    assert judged(answer("<Success/>" + errors('Type="10"'))).reason is Reason.CONTENT


def test_errors_that_name_none_are_a_failure_too() -> None:
    result = judged(answer("<Errors/>"))
    assert (result.reason, result.message) == (Reason.CONTENT, "answers with Errors that name none")


def test_the_error_that_explains_the_others_is_told() -> None:
    result = judged(answer(errors('Type="13"', 'Type="3" Code="249"', 'Type="4" ShortText="no such user"')))
    assert result.reason is Reason.CREDENTIALS
    assert result.message == "answers with an error (and 2 more): type 4 (authentication): no such user"


def test_an_error_is_told_in_words_and_numbers() -> None:
    result = judged(answer('<Errors><Error Type="3" Code="436">\n  Plan "BAR" \n unknown</Error></Errors>'))
    words = "type 3 (business rule), code 436 (rate does not exist)"
    assert result.message == f'answers with an error: {words}: Plan "BAR" unknown'


def test_what_a_vendor_writes_is_clipped() -> None:
    long = "x" * 100_000
    result = judged(answer(errors(f'Type="{long}" Code="{long}" ShortText="{long}"')))
    assert len(result.message) < 300


@pytest.mark.parametrize(
    ("attributes", "decisive"),
    [
        ('Type="4"', True),
        ('Type="6"', True),
        ('Type="3" Code="402"', True),
        ('Type="3"', False),
        ('Type="13"', False),
    ],
)
def test_a_refusal_and_a_missing_mapping_are_no_matter_of_chance(attributes: str, decisive: bool) -> None:
    assert judged(answer(errors(attributes))).decisive is decisive


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ('Type="3" Code="497"', Reason.FORBIDDEN),
        ('Type="3" Code="392"', Reason.FORBIDDEN),
        ('Type="4"', Reason.CREDENTIALS),
        ('Type="3" Code="450"', Reason.CONTENT),
        ('Type="11"', Reason.CONTENT),
        ("", Reason.CONTENT),
    ],
)
def test_what_was_not_processed_is_a_failure_beside_success(attributes: str, reason: Reason) -> None:
    warning = f'<Success/><Warnings><Warning {attributes} Status="NotProcessed"/></Warnings>'
    result = judged(answer(warning))
    assert result.reason is reason
    assert result.message.startswith("answers that something was not processed")


def test_other_warnings_are_no_failure() -> None:
    text = '<Success/><Warnings><Warning Type="3" Code="497" Status="Processed"/></Warnings>'
    assert judged(answer(text)).reason is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("soap:Server", Reason.SERVER_ERROR),
        ("soap:Client", Reason.CONTENT),
        ("soap:Client.Authentication", Reason.CREDENTIALS),
        ("soap:Client.Authentication.Expired", Reason.CREDENTIALS),
        ("soap:Client.Syntax", Reason.CONTENT),
        ("soap:Server.Authentication", Reason.SERVER_ERROR),
        ("soap:Client.FailedAuthentication", Reason.CREDENTIALS),
        ("Client", Reason.CONTENT),
        ("wsse:FailedAuthentication", Reason.CREDENTIALS),
        ("", Reason.SERVER_ERROR),
    ],
)
def test_a_soap_11_fault_has_the_reason_of_its_code(code: str, reason: Reason) -> None:
    fault = f"<s:Fault><faultcode>{code}</faultcode><faultstring>out of order</faultstring></s:Fault>"
    result = judged(envelope(fault))
    assert result.reason is reason
    assert result.decisive is (reason is Reason.CREDENTIALS)
    assert result.message.endswith(": out of order")
    assert code.rpartition(":")[2] in result.message


@pytest.mark.parametrize(
    ("value", "subcode", "reason"),
    [
        ("s:Receiver", "", Reason.SERVER_ERROR),
        ("s:Sender", "", Reason.CONTENT),
        ("s:Sender", "wsse:FailedAuthentication", Reason.CREDENTIALS),
    ],
)
def test_a_soap_12_fault_has_the_reason_of_its_code(value: str, subcode: str, reason: Reason) -> None:
    inner = f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode>" if subcode else ""
    said = "<s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason>"
    fault = f"<s:Fault><s:Code><s:Value>{value}</s:Value>{inner}</s:Code>{said}</s:Fault>"
    result = judged(envelope(fault, SOAP_12))
    assert (result.reason, result.message[-4:]) == (reason, ": no")


def test_a_fault_without_anything_in_it_is_a_failure() -> None:
    result = judged(envelope("<s:Fault/>"))
    assert result.reason is Reason.SERVER_ERROR
    assert result.message == "answers with a SOAP fault, without a code"


@pytest.mark.parametrize("inside", ["", "<Warnings/>", "<Warnings><Warning Type='11'/></Warnings>"])
def test_an_answer_that_says_nothing_breaks_the_protocol(inside: str) -> None:
    for text in (answer(inside), envelope(answer(inside))):
        result = judged(text)
        assert result.reason is Reason.PROTOCOL
        assert result.message == "OTA_HotelRateAmountNotifRS says neither Success nor Errors"


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        (answer(errors('Type="10"')), {Sign.MESSAGE_INVALID}),
        (answer(errors('Code="320"')), {Sign.MESSAGE_INVALID}),
        (answer(errors('Type="3" Code="402"')), {Sign.CODE_NOT_MAPPED}),
        (answer(errors('Type="3" Code="450"')), set()),
        (answer(errors('Type="4"', 'Code="249"', 'Type="7"')), {Sign.CODE_NOT_MAPPED, Sign.MESSAGE_INVALID}),
        (answer('<Warning Status="NotProcessed" Code="842"/>'), {Sign.CODE_NOT_MAPPED}),
        (envelope("<s:Fault><faultcode>s:Client</faultcode></s:Fault>"), {Sign.MESSAGE_INVALID}),
        (envelope("<s:Fault><faultcode>s:Server</faultcode></s:Fault>"), set()),
    ],
)
def test_a_failure_within_an_answer_is_a_sign_and_so_is_what_it_names(text: str, signs: set[Sign]) -> None:
    assert judged(text).signs == signs | {Sign.NOT_PROCESSED}
