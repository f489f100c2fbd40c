"""The messages that the PMS sends to the OTA, and a schema they keep to (a small one of our own)."""

from pathlib import Path

from daemon.clock import SystemClock

GOOD = """\
<?xml version="1.0" encoding="UTF-8"?>
<OTA_HotelRateAmountNotifRQ xmlns="http://www.opentravel.org/OTA/2003/05" Version="1.0" TimeStamp="{now}">
  <RateAmountMessages HotelCode="H-1234">
    <RateAmountMessage RatePlanCode="BAR" InvTypeCode="DLX" Start="2026-12-01" End="2026-12-31" Amount="{amount}"/>
  </RateAmountMessages>
</OTA_HotelRateAmountNotifRQ>
"""  # noqa: E501 - a message is as long as it is

SCHEMA = """\
<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.opentravel.org/OTA/2003/05"
           targetNamespace="http://www.opentravel.org/OTA/2003/05" elementFormDefault="qualified">
  <xs:element name="OTA_HotelRateAmountNotifRQ">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="RateAmountMessages">
          <xs:complexType>
            <xs:sequence>
              <xs:element name="RateAmountMessage" maxOccurs="unbounded">
                <xs:complexType>
                  <xs:attribute name="RatePlanCode" type="xs:string" use="required"/>
                  <xs:attribute name="InvTypeCode" type="xs:string" use="required"/>
                  <xs:attribute name="Start" type="xs:date" use="required"/>
                  <xs:attribute name="End" type="xs:date" use="required"/>
                  <xs:attribute name="Amount" type="xs:decimal" use="required"/>
                </xs:complexType>
              </xs:element>
            </xs:sequence>
            <xs:attribute name="HotelCode" type="xs:string" use="required"/>
          </xs:complexType>
        </xs:element>
      </xs:sequence>
      <xs:attribute name="Version" type="xs:decimal" use="required"/>
      <xs:attribute name="TimeStamp" type="xs:dateTime" use="required"/>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""


class MessageBox:
    """The folder of outgoing messages, and the schema beside it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "ota-messages"
        self.schema = directory / "OTA_HotelRateAmountNotifRQ.xsd"
        self.directory.mkdir()
        self.schema.write_text(SCHEMA)
        self._number = 0
        self.send()

    def send(self, amount: str = "189.00", name: str = "") -> Path:
        """Put a message into the folder; one whose amount is no number breaks the schema."""
        self._number += 1
        path = self.directory / (name or f"rates-{self._number:04}.xml")
        now = SystemClock().now().strftime("%Y-%m-%dT%H:%M:%SZ")
        beside = path.with_suffix(".part")
        beside.write_text(GOOD.format(now=now, amount=amount))
        return beside.rename(path)
