import { BarcodeParser } from "@barcodes/js/barcode_parser";

/**
 * What a scanned code says about the labels of an order, on a device that may have no connection.
 *
 * The server says the same, in services/label_files/scan_check.py; both are tried on static/tests/scan_cases.js.
 *
 * @typedef {Object} BoxLabel
 * @property {string[]} barcodes of its product
 * @property {string[]} lots the names of its lot or serial number
 * @property {string} state
 *
 * @typedef {{ kind: string, place: number | null, count: number }} Verdict
 */

export const LONGEST_CODE = 500;
const SHORTEST_CODE = 2;
const GTIN = "01";
const LOT = "10";
const SERIAL = "21";
/** Another application identifier with its value: what follows a lot or serial number, after a separator. */
const NEXT_PART = /^(?:1[0-7]|2[0-2]|24[01]|25[0-4]|3[07]|3[1-6]\d\d|39\d\d|400|7003)./;
// eslint-disable-next-line no-control-regex -- GS1 ends a part of variable length with character 29
const OF_FIXED_LENGTH = /^(?:0[12]\d{14}|1[1-35-7]\d{6}|20\d{2})\x1d?/;
const OPEN = ["printed", "doubtful"];
// eslint-disable-next-line no-control-regex -- scanners put control characters around a code
const AROUND = /^[\s\x00-\x1f]+|[\s\x00-\x1f]+$/g;
const SYMBOLOGY = /^\](?:C1|d2|Q3|e0)/;
const IN_BRACKETS = /\((\d{2,4})\)([^(]+)/g;

/** @param {unknown} text */
export function cleanCode(text) {
    return String(text ?? "")
        .replace(AROUND, "")
        .replace(SYMBOLOGY, "")
        .replace(AROUND, "");
}

/**
 * @param {string} text
 * @param {Object | false} gs1 the nomenclature that core's parser reads GS1 codes by
 * @returns {Object} the values of a GS1 code by application identifier
 */
export function readParts(text, gs1) {
    if (text.startsWith("(")) {
        return Object.fromEntries(
            [...text.matchAll(IN_BRACKETS)].map(([, part, value]) => [part, value.trim()])
        );
    }
    if (!gs1) {
        return {};
    }
    try {
        const found = new BarcodeParser({ nomenclature: gs1 }).gs1_decompose_extended(text);
        return Object.fromEntries(found.map(({ ai, string_value }) => [ai, string_value]));
    } catch {
        return {}; // no GS1 code, or one with a wrong check digit
    }
}

function isSameBarcode(one, other) {
    const isNumber = /^\d+$/;
    const short = (code) => code.replace(/^0+/, "");
    return (
        one === other || (isNumber.test(one) && isNumber.test(other) && short(one) === short(other))
    );
}

const isOfProduct = ({ barcodes }, gtin) =>
    !gtin || !barcodes.length || barcodes.some((own) => isSameBarcode(gtin, own));

/** @returns {number[]} the places of the labels that fit */
function findPlaces(labels, fits) {
    const places = [];
    labels.forEach((label, place) => {
        if (fits(label)) {
            places.push(place);
        }
    });
    return places;
}

/**
 * @param {BoxLabel[]} labels
 * @param {string} text as `cleanCode` returns it
 * @param {Object | false} gs1
 * @returns {Verdict}
 */
export function judge(labels, text, gs1) {
    if (text.length < SHORTEST_CODE || text.length > LONGEST_CODE) {
        return { kind: "unreadable", place: null, count: 0 };
    }
    let found = findPlaces(labels, ({ lots }) => lots.includes(text));
    if (!found.length) {
        const parts = readParts(text, gs1);
        const names = [parts[SERIAL], parts[LOT]].filter(Boolean);
        for (const name of names) {
            found = findPlaces(
                labels,
                (label) => label.lots.includes(name) && isOfProduct(label, parts[GTIN])
            );
            if (found.length) {
                break;
            }
        }
        if (!names.length) {
            const barcode = parts[GTIN] || text;
            found = findPlaces(labels, ({ barcodes }) =>
                barcodes.some((own) => isSameBarcode(barcode, own))
            );
            if (found.some((place) => labels[place].lots.length)) {
                return { kind: "product_code", place: null, count: found.length };
            }
        }
    }
    if (!found.length && lacksSeparator(labels, text)) {
        return { kind: "no_separator", place: null, count: 0 };
    }
    return judgeFound(labels, found);
}

/** Whether a code is of one of these labels but for the separator behind its lot or serial number. */
function lacksSeparator(labels, text) {
    const gtin = text.startsWith(GTIN) ? text.slice(2, 16) : "";
    let rest = text;
    while (OF_FIXED_LENGTH.test(rest)) {
        rest = rest.replace(OF_FIXED_LENGTH, "");
    }
    if (!rest.startsWith(LOT) && !rest.startsWith(SERIAL)) {
        return false;
    }
    const value = rest.slice(2);
    return labels.some(
        (label) =>
            isOfProduct(label, gtin) &&
            label.lots.some(
                (name) => value.startsWith(name) && NEXT_PART.test(value.slice(name.length))
            )
    );
}

function judgeFound(labels, found) {
    const count = found.length;
    if (!count) {
        return { kind: "foreign", place: null, count };
    }
    const ofState = (state) => found.find((place) => labels[place].state === state);
    for (const state of OPEN) {
        if (ofState(state) !== undefined) {
            return { kind: "checked", place: ofState(state), count };
        }
    }
    const refused = { not_printed: "not_printed", checked: count === 1 ? "twice" : "too_many" };
    for (const [state, kind] of Object.entries(refused)) {
        if (ofState(state) !== undefined) {
            return { kind, place: ofState(state), count };
        }
    }
    return { kind: "destroyed", place: found[0], count };
}
