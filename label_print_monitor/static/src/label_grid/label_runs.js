import { _t } from "@web/core/l10n/translation";

/**
 * Label numbers as text, "3, 9–11", and back. Numbers count from 1.
 */

const DASHES = /\s*[-‐‑‒–—−]\s*/g;
const SEPARATORS = /[\s,;،、]+/;
const RUN = /^(\d+)(?:-(\d+))?$/;

/**
 * @param {Iterable<number>} indexes in any order, also twice
 * @returns {[number, number][]} first and last of each run
 */
export function toRuns(indexes) {
    const runs = [];
    for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
        const last = runs.at(-1);
        if (last && last[1] === index - 1) {
            last[1] = index;
        } else {
            runs.push([index, index]);
        }
    }
    return runs;
}

/**
 * @param {Iterable<number>} indexes
 * @returns {string} "3, 9–11", "" for none
 */
export function formatRuns(indexes) {
    return toRuns(indexes)
        .map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`))
        .join(", ");
}

/**
 * Read label numbers as people write them: "3, 9-11", "3; 9 – 11", "11–9".
 *
 * @param {string | false | null | undefined} text
 * @param {number} quantity how many labels there are
 * @param {Set<number> | null} [allowed] the numbers that may be chosen, null for all
 * @returns {{ indexes: number[], problem: string }} the usable numbers in order, each once, and what is wrong with the
 *   rest in the reader's words, "" when all is well
 */
export function parseRuns(text, quantity, allowed = null) {
    const indexes = new Set();
    const barred = new Set();
    const problems = [];
    const words = (text || "").replace(DASHES, "-").split(SEPARATORS).filter(Boolean);
    for (const word of words) {
        const match = RUN.exec(word);
        if (!match) {
            problems.push(_t("“%(word)s” is not a label number.", { word }));
            continue;
        }
        const ends = [Number(match[1]), Number(match[2] ?? match[1])];
        const [first, last] = [Math.min(...ends), Math.max(...ends)];
        if (first < 1 || last > quantity) {
            const number = first < 1 ? first : last;
            problems.push(
                _t("There is no label %(number)s: the labels are 1 to %(last)s.", {
                    number,
                    last: quantity,
                })
            );
            continue;
        }
        for (let index = first; index <= last; index++) {
            (!allowed || allowed.has(index) ? indexes : barred).add(index);
        }
    }
    if (barred.size === 1) {
        problems.push(_t("Label %(number)s cannot be chosen.", { number: [...barred][0] }));
    } else if (barred.size) {
        problems.push(_t("Labels %(numbers)s cannot be chosen.", { numbers: formatRuns(barred) }));
    }
    return {
        indexes: [...indexes].sort((a, b) => a - b),
        problem: problems.length ? String(problems[0]) : "",
    };
}

/**
 * @param {number} from
 * @param {number} to may be the smaller one
 * @returns {number[]} every number from one to the other
 */
export function expandRange(from, to) {
    const first = Math.min(from, to);
    return Array.from({ length: Math.abs(from - to) + 1 }, (_, offset) => first + offset);
}
