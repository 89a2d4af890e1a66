import { useState } from "@odoo/owl";
import { expandRange } from "./label_runs";

/**
 * Choosing numbers one by one or a range at once: with the shift key, or by touch with "From 9 to …".
 *
 * @param {Object} params
 * @param {() => Set<number>} params.getChosen
 * @param {(index: number) => boolean} params.isAllowed
 * @param {(indexes: number[]) => void} params.set gets everything that is chosen from now on
 */
export function useChoice({ getChosen, isAllowed, set }) {
    const state = useState({ anchor: null, isRange: false });

    /**
     * @param {number} index that was pressed
     * @param {{ shiftKey: boolean }} ev
     */
    function pick(index, { shiftKey }) {
        const chosen = new Set(getChosen());
        const isRange = (shiftKey || state.isRange) && state.anchor !== null;
        const isAdded = isRange ? chosen.has(state.anchor) : !chosen.has(index);
        for (const number of isRange ? expandRange(state.anchor, index) : [index]) {
            if (isAdded && isAllowed(number)) {
                chosen.add(number);
            } else if (!isAdded) {
                chosen.delete(number);
            }
        }
        Object.assign(state, { anchor: index, isRange: false });
        set([...chosen]);
    }

    return {
        state,
        pick,
        toggleRange: () => (state.isRange = !state.isRange),
        forget: () => Object.assign(state, { anchor: null, isRange: false }),
    };
}
