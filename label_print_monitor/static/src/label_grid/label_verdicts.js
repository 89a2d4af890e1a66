/**
 * Verdicts on labels: on paper, not on paper, or none yet.
 *
 * @typedef {"on" | "off"} Verdict
 */

/**
 * @param {Map<number, Verdict>} verdicts
 * @param {Iterable<number>} indexes
 * @param {Verdict | null} verdict null takes it back
 * @returns {Map<number, Verdict>} a new one
 */
export function giveVerdict(verdicts, indexes, verdict) {
    const given = new Map(verdicts);
    for (const index of indexes) {
        if (verdict) {
            given.set(index, verdict);
        } else {
            given.delete(index);
        }
    }
    return given;
}

/**
 * @param {number[]} onPaper
 * @param {number[]} notOnPaper
 * @param {Set<number>} asked others are left out
 * @returns {Map<number, Verdict>} a label in both has none: somebody has to look again
 */
export function readVerdicts(onPaper, notOnPaper, asked) {
    const missing = new Set(notOnPaper);
    const present = new Set(onPaper);
    const verdicts = new Map();
    for (const index of asked) {
        if (present.has(index) !== missing.has(index)) {
            verdicts.set(index, present.has(index) ? "on" : "off");
        }
    }
    return verdicts;
}

/**
 * @param {Map<number, Verdict>} verdicts
 * @param {Verdict} verdict
 * @returns {number[]}
 */
export function listVerdict(verdicts, verdict) {
    return [...verdicts].filter(([, given]) => given === verdict).map(([index]) => index);
}
