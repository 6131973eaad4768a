"""Words that tell what a number is, in the languages that callers write most."""

from __future__ import annotations

from typing import Final


def _of(words: str) -> frozenset[str]:
    return frozenset(words.split())


PHONE: Final = _of(  # English
    "phone phones telephone tel cell cellphone cellular mobile call calls called calling callback "
    "caller ring dial dialled text texted texting sms whatsapp wa viber telegram msisdn fax pager "
    "contact contacts reach reached hotline helpline landline voicemail number numbers desk office "
    "home registered answer answering messages imessage "
    # German, French
    "telefon telefonnummer mobil mobilnummer handy handynummer rufnummer nummer fon anrufen ruf "
    "erreichbar festnetz kontakt téléphone tél portable numéro appeler appelez appelle "
    "joindre joignable fixe "
    # Spanish, Portuguese, Italian
    "teléfono telefono telf tlf tfno móvil movil celular cel número numero llamar llama llame "
    "llámame contacto telefone telemóvel telemovel fone ligar ligue contato cellulare chiamare "
    "chiama chiamami recapito "
    # Polish, Dutch
    "komórka komórkowy komorka zadzwoń zadzwonić dzwonić numer telefonu telefoon mobiel bellen"
)
"""Beside a telephone's number."""

ANOTHER: Final = _of(
    "id ids uid gid pid tid guid uuid oid account accounts acct user key keys "
    "epoch ts time times timestamp date datum created updated modified expires exp iat nbf since "
    "bytes byte size len length offset off memory mem rss heap total used available free limit "
    "capacity quota count counter counts n order orders ticket tickets bug bugs issue "
    "issues pr pull case ref reference invoice policy employee emp build rev revision commit sha "
    "hash etag digest checksum crc md seed nonce serial isbn issn doi pmid pmcid pmc arxiv rfc cve "
    "gse version ver port line lines row rows page pages pp col column ratio rate score price cost "
    "amount sum duration dur ms ns us sec secs seconds latency elapsed took uptime inode block "
    "blocks sector sectors cursor seq sequence zip postal postcode plz ean upc gtin sku asin art "
    "article artikel barcode tracking session trace span request req transaction txn lat lon lng "
    "latitude longitude index idx addr generation max min avg mean median width height part model "
    "snowflake lsn po purchase resource fs group run than usage value wert step steps iteration "
    "comment issuecomment release section chapter figure table ssn itin ein bestellung auftrag "
    "rechnung pedido factura commande facture entries records packets users exit status code "
    "batch record contract vertrag vertragsnummer zamówienie zamówienia encomenda paquete colis "
    "claim booking flight vin iban saved entry frequency hz event events read reads"
)
"""Beside a number that is something else."""

UNITS: Final = _of(
    "b kb mb gb tb kib mib gib byte bytes bit bits s ms ns us sec secs second seconds minutes "
    "hours days hz khz mhz ghz rows row records entries items users requests req files packets "
    "points eur usd gbp km m mm cm kg g percent tokens times steps lines pages people votes views "
    "reads jan feb mar apr may jun jul aug sep oct nov dec"
)
"""Behind a number that counts or measures."""

LINKING: Final = _of("number no nr num nummer numero número is was code")
"""Words between a number and the one that says what it is: order number 5, order is 5."""

MERE: Final = _of("value values val data input")
SPOKEN: Final = MERE | _of("content text body message answer reply prompt query q")
"""Names of members that say nothing of a string, but that somebody may have typed it."""

HEALTH: Final = _of("nhs health patient patients hospital medical gp clinic doctor")
CARD: Final = _of(
    "card cards credit debit visa mastercard amex cc ccnum discover jcb diners maestro pan payment "
    "karte kreditkarte carte tarjeta cartão carta karta"
)
LICENCE: Final = _of(
    "license licence licenses licences lic permit identification dl dls cdl dmv driving "
    "führerschein permis licencia patente"
)
PASSPORT: Final = _of("passport passports passeport reisepass pasaporte passaporto")
GENERIC: Final = LINKING | MERE
"""Names of members that leave it to what stands around them."""

BANK: Final = _of(
    "bank account accounts acct acc checking savings debit routing aba konto kontonummer "
    "cuenta compte conto cheque"
)
SOCIAL: Final = _of("ssn ssns social socialsecurity")
TAX: Final = _of("itin taxpayer tax taxid tin payer")
DOCTOR: Final = _of("dea medical license licence certificate prescriber practitioner")
NETWORK: Final = _of(
    "ip ips ipv addr address addresses host hosts hostname inet server servers client peer gateway "
    "via route router network subnet from source src dst dest destination remote listen bind dns "
    "nameserver proxy node ping ssh login netmask cidr range allow deny adresse dirección"
)
ADDRESS: Final = _of("ip ips ipv addr address inet host peer subnet")
HARDWARE: Final = _of("mac ether ethernet hwaddr hw lladdr link physical bssid arp")
VERSION: Final = _of(
    "version versions ver v release released build rev revision section sections sec § chapter "
    "firmware bump upgrade upgraded updated kernel driver sdk gcc clang rfc abschnitt figure "
    "table appendix clause oid tag patch"
)
