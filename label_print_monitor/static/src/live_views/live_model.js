/**
 * The one file that reaches into the relational model's own members: it has no public way to take over values that were
 * read again without replacing the rows, and with them the selection, the focus and a click under way. Each member is
 * named in `static/tests/live_model.test.js`, which fails by name when a release of Odoo drops it.
 */
import { omit } from "@web/core/utils/objects";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { inBrowserZone } from "./browser_zone";

/** A list that keeps the rows it already shows, so that selection, focus and a click under way survive a reload. */
export class LiveRecordList extends RelationalModel.DynamicRecordList {
    _createRecordDatapoint(data, mode) {
        const known = data.id && this.records?.find((record) => record.resId === data.id);
        if (!known) {
            return super._createRecordDatapoint(data, mode);
        }
        known._applyValues(data);
        return known;
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

/**
 * The relational model, able to read again under somebody's hands.
 *
 * Nothing selected or edited: the page is read again in one call and rows come, go and move as they should.
 * Something selected or edited: only the values of the rows on screen are read, so that nothing moves under the pointer
 * and no selection is lost; the rest follows once the selection is gone.
 */
export class LiveModel extends RelationalModel {
    static DynamicRecordList = LiveRecordList;
    static Group = LiveGroup;
    static DynamicGroupList = LiveGroupList;
    // A page from the browser's disk cache would be shown as fresh.
    static withCache = false;

    /** @override */
    load(params = {}) {
        const context = params.context || this.config.context;
        return super.load({ ...params, context: inBrowserZone(context) });
    }

    /** Whether rows must stay where they are. */
    get isHeld() {
        const { root } = this;
        return Boolean(root.selection?.length || root.isDomainSelected || root.editedRecord);
    }

    /**
     * @param {Set<number> | null} changedIds null when anything may have changed
     * @returns {Promise<import("./use_live").Outcome>}
     */
    async refresh(changedIds = null) {
        if (this.config.isMonoRecord) {
            return { hasRead: await this._refreshRecord() };
        }
        if (this.isHeld) {
            return { hasRead: await this._refreshValues(changedIds), isComplete: false };
        }
        await this.root.load();
        return {};
    }

    /**
     * Read the form's record again; what the user has typed, added or removed stays.
     *
     * @returns {Promise<boolean>} false for a record that is new, of which the server knows nothing
     */
    async _refreshRecord() {
        const { root } = this;
        if (!root.resId) {
            return false;
        }
        const pages = await this.mutex.exec(async () => {
            const [values] = await this._loadRecords(root.config, root.evalContext);
            if (this.root !== root) {
                return [];
            }
            const edited = Object.keys(root._changes).filter((name) =>
                ["one2many", "many2many"].includes(root.fields[name].type)
            );
            const before = { ...root.data };
            root._applyValues(omit(values, ...edited));
            return Object.entries(before).filter(
                ([name, list]) =>
                    list?.config &&
                    (list.offset || list.orderBy?.length) &&
                    root.data[name] !== list
            );
        });
        // Lists within the form start on their first page again, in their first order: turn to what was open.
        for (const [name, { offset, limit, orderBy }] of pages) {
            const list = root.data[name];
            if (orderBy?.length) {
                await this.mutex.exec(() => list._sort(list.currentIds, orderBy));
            }
            if (offset < list.count) {
                await list.load({ offset, limit });
            }
        }
        return true;
    }

    /** @returns {Promise<boolean>} false when none of the changed rows is on screen, so that nothing was read */
    async _refreshValues(changedIds) {
        const { root } = this;
        const shown = root.records.filter(
            (record) => record.resId && (!changedIds || changedIds.has(record.resId))
        );
        if (!shown.length) {
            return false;
        }
        await this.mutex.exec(async () => {
            const resIds = [...new Set(shown.map((record) => record.resId))];
            const values = await this._loadRecords({ ...root.config, resId: false, resIds });
            const valuesById = new Map(values.map((value) => [value.id, value]));
            for (const record of shown) {
                if (valuesById.has(record.resId)) {
                    record._applyValues(valuesById.get(record.resId));
                }
            }
        });
        return true;
    }
}
