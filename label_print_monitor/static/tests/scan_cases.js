// What a code says about labels: tried by the page's own test and by tests/test_label_print_scan.py. What follows is JSON.
// A label: [product, [its barcodes], [its lot or serial number, by each of its names], state].
export const CASES = JSON.parse(String.raw`[
    {"what": "a serial number", "labels": [[1, [], ["SN-1"], "printed"], [1, [], ["SN-2"], "printed"]], "code": "SN-2", "verdict": ["checked", 1]},
    {"what": "with space around", "labels": [[1, [], ["SN-1"], "printed"]], "code": " SN-1\r\n", "verdict": ["checked", 0]},
    {"what": "capitals matter", "labels": [[1, [], ["SN-1"], "printed"]], "code": "sn-1", "verdict": ["foreign", null]},
    {"what": "twice", "labels": [[1, [], ["SN-1"], "checked"]], "code": "SN-1", "verdict": ["twice", 0]},
    {"what": "the first that is open", "labels": [[1, [], ["L"], "checked"], [1, [], ["LL", "L2"], "printed"], [1, [], ["LL"], "printed"]], "code": "LL", "verdict": ["checked", 1]},
    {"what": "what is known to be printed before what is in doubt", "labels": [[1, [], ["LL"], "doubtful"], [1, [], ["LL"], "printed"]], "code": "LL", "verdict": ["checked", 1]},
    {"what": "in doubt", "labels": [[1, [], ["LL"], "doubtful"]], "code": "LL", "verdict": ["checked", 0]},
    {"what": "one too many", "labels": [[1, [], ["LL"], "checked"], [1, [], ["LL"], "checked"]], "code": "LL", "verdict": ["too_many", 0]},
    {"what": "destroyed", "labels": [[1, [], ["SN-1"], "destroyed"]], "code": "SN-1", "verdict": ["destroyed", 0]},
    {"what": "the last one was destroyed", "labels": [[1, [], ["LL"], "checked"], [1, [], ["LL"], "destroyed"]], "code": "LL", "verdict": ["too_many", 0]},
    {"what": "never printed", "labels": [[1, [], ["LL"], "checked"], [1, [], ["LL"], "not_printed"]], "code": "LL", "verdict": ["not_printed", 1]},
    {"what": "the name of a renamed lot", "labels": [[1, [], ["OLD", "NEW"], "printed"]], "code": "NEW", "verdict": ["checked", 0]},
    {"what": "nothing", "labels": [[1, [], ["SN-1"], "printed"]], "code": "  ", "verdict": ["unreadable", null]},
    {"what": "one character", "labels": [[1, [], ["1"], "printed"]], "code": "1", "verdict": ["unreadable", null]},
    {"what": "GS1 with a serial number", "labels": [[1, ["04012345123456"], ["SN-1"], "printed"]], "code": "010401234512345621SN-1", "verdict": ["checked", 0]},
    {"what": "GS1 with a lot and a date", "labels": [[1, ["4012345123456"], ["L-1"], "printed"]], "code": "]C101040123451234561729010110L-1", "verdict": ["checked", 0]},
    {"what": "GS1 with a separator", "labels": [[1, [], ["SN-1"], "printed"]], "code": "\u001d10L-1\u001d21SN-1", "verdict": ["checked", 0]},
    {"what": "GS1 as people read it", "labels": [[1, ["04012345123456"], ["SN-1"], "printed"]], "code": "(01)04012345123456(21)SN-1", "verdict": ["checked", 0]},
    {"what": "GS1 of another product", "labels": [[1, ["04006381333931"], ["SN-1"], "printed"]], "code": "010401234512345621SN-1", "verdict": ["foreign", null]},
    {"what": "GS1 with a wrong check digit", "labels": [[1, [], ["SN-1"], "printed"]], "code": "010401234512345721SN-1", "verdict": ["foreign", null]},
    {"what": "the product's code", "labels": [[1, ["4012345123456"], ["SN-1"], "printed"]], "code": "4012345123456", "verdict": ["product_code", null]},
    {"what": "the product's GTIN", "labels": [[1, ["4012345123456"], ["SN-1"], "printed"]], "code": "0104012345123456", "verdict": ["product_code", null]},
    {"what": "a product without lots", "labels": [[1, ["4012345123456"], [], "checked"], [1, ["4012345123456"], [], "printed"]], "code": "0104012345123456", "verdict": ["checked", 1]},
    {"what": "a lot that looks like a GTIN", "labels": [[1, ["4012345123456"], ["4012345123456"], "printed"]], "code": "4012345123456", "verdict": ["checked", 0]},
    {"what": "no labels", "labels": [], "code": "SN-1", "verdict": ["foreign", null]}
]`);
