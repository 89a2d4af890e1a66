import { RelationalModel } from "@web/model/relational_model/relational_model";

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

    /** Whether rows must stay where they are. */
    get isHeld() {
        const { root } = this;
        return Boolean(root.selection?.length || root.isDomainSelected || root.editedRecord);
    }

    /**
     * @param {Set<number> | null} changedIds null when anything may have changed
     * @returns {Promise<boolean>} false when rows still wait to come, go or move
     */
    async refresh(changedIds = null) {
        if (this.config.isMonoRecord) {
            await this._refreshRecord();
            return true;
        }
        if (this.useSampleModel) {
            await this.load();
            return true;
        }
        if (this.isHeld) {
            await this._refreshValues(changedIds);
            return false;
        }
        await this.root.load();
        return true;
    }

    /** Read the form's record again; what the user has typed stays. */
    async _refreshRecord() {
        const { root } = this;
        if (!root.resId) {
            return;
        }
        const pages = await this.mutex.exec(async () => {
            const [values] = await this._loadRecords(root.config);
            if (this.root !== root) {
                return [];
            }
            const before = { ...root.data };
            root._applyValues(values);
            return Object.entries(before).filter(
                ([name, list]) => list?.config?.offset && root.data[name] !== list
            );
        });
        // Lists within the form start on their first page again: turn to the page that was open.
        for (const [name, { offset, limit, orderBy }] of pages) {
            const list = root.data[name];
            if (offset < list.count) {
                await list.load({ offset, limit, orderBy });
            }
        }
    }

    async _refreshValues(changedIds) {
        const { root } = this;
        const shown = root.records.filter(
            (record) => record.resId && (!changedIds || changedIds.has(record.resId))
        );
        if (!shown.length) {
            return;
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
    }
}
