import { toRaw } from "@odoo/owl";
import { STATES } from "./label_looks";

/**
 * What the server says of a job's labels, made into something to draw.
 *
 * @typedef {Object} Label
 * @property {number} index from 1
 * @property {string} state
 * @property {string} code what went wrong, "" where nothing did
 * @property {string} problem the same in the reader's words
 * @property {number} copies how often it was printed, 0 when nobody printed it again
 *
 * @typedef {{ boxes: string[], lots: string[] }} Names in the labels' order
 */

/** As many labels as a request may ever hold; more would freeze the page. */
const MOST_LABELS = 10_000;

/**
 * @param {Object | false | null | undefined} value of the Json field
 * @returns {Label[]} all labels in order; what the runs leave out is waiting, what goes beyond the quantity is left out
 */
export function expandAccount(value) {
    const { quantity, runs, problems = {}, copies = {} } = toRaw(value) || {};
    const total = Math.min(Math.max(Number(quantity) || 0, 0), MOST_LABELS);
    const labels = [];
    const add = (state, code) => {
        const index = labels.length + 1;
        labels.push({
            index,
            state,
            code,
            problem: code ? problems[code] || code : "",
            copies: Number(copies[index]) || 0,
        });
    };
    for (const [count, state, code] of Array.isArray(runs) ? runs : []) {
        for (let left = Number(count) || 0; left > 0 && labels.length < total; left--) {
            add(state, code || "");
        }
    }
    while (labels.length < total) {
        add("waiting", "");
    }
    return labels;
}

/**
 * @param {Label[]} labels
 * @returns {{ state: string, count: number }[]} the states that occur, weakest first
 */
export function countByState(labels) {
    const counts = new Map(STATES.map((state) => [state, 0]));
    for (const { state } of labels) {
        counts.set(state, (counts.get(state) || 0) + 1);
    }
    return [...counts].filter(([, count]) => count).map(([state, count]) => ({ state, count }));
}

/**
 * @param {Label[]} labels
 * @param {"plain" | "box" | "lot"} by
 * @param {Names | null} names
 * @returns {{ key: string, name: string, labels: Label[] }[]} in the order in which the names come first; those
 *   without a name have the name ""
 */
export function groupLabels(labels, by, names) {
    const list = by === "box" ? names?.boxes : by === "lot" ? names?.lots : null;
    if (!list) {
        return [{ key: "all", name: "", labels }];
    }
    const groups = new Map();
    for (const label of labels) {
        const name = list[label.index - 1] || "";
        if (!groups.has(name)) {
            groups.set(name, { key: `${by} ${name}`, name, labels: [] });
        }
        groups.get(name).labels.push(label);
    }
    return [...groups.values()];
}

/**
 * @template T
 * @param {T[]} items
 * @param {number} length
 * @returns {T[][]} rows of that length, the last may be shorter
 */
export function toRows(items, length) {
    const rows = [];
    for (let start = 0; start < items.length; start += length) {
        rows.push(items.slice(start, start + length));
    }
    return rows;
}

/**
 * @param {Object | false} value of the Json field
 * @param {string} key of a list of label numbers in it
 * @returns {Set<number> | null} null for all of them
 */
export function indexSet(value, key) {
    const list = toRaw(value)?.[key];
    return Array.isArray(list) ? new Set(list) : null;
}
