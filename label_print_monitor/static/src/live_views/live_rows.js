/**
 * Rows and groups of a list that stay the same objects when they are read again, so that selection, focus and a click
 * under way survive. With live_model.js the only file that reaches into the relational model's own members.
 */
import { toRaw } from "@odoo/owl";
import { serializeDate, serializeDateTime } from "@web/core/l10n/dates";
import { deepEqual } from "@web/core/utils/objects";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { parseServerValue } from "@web/model/relational_model/utils";

const SERIALIZED = { date: serializeDate, datetime: serializeDateTime };
/** Types of which a value is more than what was read: they are always taken over. */
const NEVER_THE_SAME = ["one2many", "many2many"];
/** Types of which a record keeps another form than the server sends. */
const KEPT_OTHERWISE = ["reference", "many2one_reference", "properties"];

/**
 * Take over what was read, and only what differs from what the record has: whoever shows it is told of each value that
 * is set, and of one that is an object (a date, a printer, a timeline) also when the new object says the same.
 *
 * @param {Record} record of the relational model
 * @param {Object} values as the server sends them
 */
export function takeOver(record, values) {
    const { _values: known, _textValues: texts, fields, activeFields } = toRaw(record);
    const changed = Object.entries(values).filter(([name, value]) => {
        const field = fields[name];
        if (!field || !activeFields[name]) {
            return false;
        }
        if (NEVER_THE_SAME.includes(field.type) || !(name in known)) {
            return true;
        }
        const before = toRaw(known[name]);
        if (field.type in SERIALIZED) {
            return (before ? SERIALIZED[field.type](before) : false) !== value;
        }
        // An empty text and none look alike, and conditions tell them apart.
        return (
            !deepEqual(parseServerValue(field, value), before) ||
            (name in texts && texts[name] !== value)
        );
    });
    if (changed.length) {
        record._applyValues(Object.fromEntries(changed));
    }
}

/**
 * What a record shows, as the server would send it; of the fields of which a value is no more than what was read.
 *
 * @param {Record} record of the relational model
 * @returns {Object} values by name
 */
function valuesOf(record) {
    const { _values: known, _textValues: texts, fields } = toRaw(record);
    const values = {};
    for (const [name, value] of Object.entries(known)) {
        const { type } = fields[name];
        if (type in SERIALIZED) {
            values[name] = value ? SERIALIZED[type](value) : false;
        } else if (![...NEVER_THE_SAME, ...KEPT_OTHERWISE].includes(type)) {
            values[name] = name in texts ? texts[name] : toRaw(value);
        }
    }
    return values;
}

/** A list that keeps the rows it already shows, so that selection, focus and a click under way survive a reload. */
export class LiveRecordList extends RelationalModel.DynamicRecordList {
    _createRecordDatapoint(data, mode) {
        const known = data.id && this.records?.find((record) => record.resId === data.id);
        if (known) {
            takeOver(known, data);
            this.model.progress.show([known]);
            return known;
        }
        let values = data;
        if (data.id && this._lacksValues(data)) {
            // A job that has gone to another group is read in part, like all that the page shows. When only its number
            // comes, it has gone there by a change that the page did not know of.
            const elsewhere = Object.keys(data).length > 1 && this.model.shown.get(data.id);
            values = elsewhere ? { ...valuesOf(elsewhere), ...data } : data;
            // Or the server believes that the row is shown, but another page of the list was.
            this.model.hasGap ||= this._lacksValues(values);
        }
        const record = super._createRecordDatapoint(values, mode);
        this.model.progress.show([record]);
        return record;
    }

    _lacksValues(data) {
        return this.fieldNames.some((name) => !(name in data) && this.model.isRead(name));
    }
}

export class LiveGroup extends RelationalModel.Group {
    /**
     * Take over what was read anew, and keep being the same group on screen.
     *
     * @param {Object} data as the constructor gets it
     */
    takeOver(data) {
        this.range = data.range;
        this._rawValue = data.rawValue;
        this.count = data.count;
        this.displayName = data.displayName;
        this.aggregates = data.aggregates;
        this.list._setData(data);
        this._useGroupCountForList();
    }
}

export class LiveGroupList extends RelationalModel.DynamicGroupList {
    _createGroupDatapoint(data) {
        const config = this.config.groups[data.value];
        const known = this.groups?.find((group) => group.config === config);
        if (!known || known.record) {
            return super._createGroupDatapoint(data);
        }
        known.takeOver(data);
        return known;
    }
}
