import { useState } from "@odoo/owl";

/**
 * Values on their way into the record. Presses come faster than the server answers an onchange, and the record has
 * the new value only then: until it has, what was set last counts.
 *
 * @param {() => import("@web/model/relational_model/record").Record} getRecord
 * @returns {{ get: (name: string) => string, set: (values: Object) => Promise<void> }}
 */
export function useWrittenFields(getRecord) {
    const pending = useState({ values: null });
    return {
        get: (name) => pending.values?.[name] ?? (getRecord().data[name] || ""),
        async set(values) {
            const all = { ...pending.values, ...values };
            pending.values = all;
            try {
                await getRecord().update(all);
            } finally {
                if (
                    pending.values &&
                    Object.keys(all).every((name) => pending.values[name] === all[name])
                ) {
                    pending.values = null;
                }
            }
        },
    };
}
