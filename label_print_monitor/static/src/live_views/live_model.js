/**
 * With live_rows.js the one file that reaches into the relational model's own members: it has no public way to take over
 * values that were read again without replacing the rows, and with them the selection, the focus and a click under way.
 * Each member is named in `static/tests/live_model.test.js`, which fails by name when a release of Odoo drops it.
 */
import { markRaw } from "@odoo/owl";
import { Deferred } from "@web/core/utils/concurrency";
import { omit } from "@web/core/utils/objects";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { inBrowserZone } from "./browser_zone";
import { LiveGroup, LiveGroupList, LiveRecordList, takeOver } from "./live_rows";
import { ShownProgress } from "./progress";

/** The models of which the server can answer in part. */
const PARTLY_READ = ["label.print.job", "printer.configuration"];
/** With more changes than this everything is read. */
const MOST_CHANGED = 200;

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

    /**
     * @override
     * @param {Object} params as Odoo's, and `unread`: fields that are not read until their columns are shown
     */
    setup(params, ...services) {
        super.setup(params, ...services);
        this.unread = new Set(params.unread);
        this.awaited = new Set();
        /** @type {{ changed: number[], printers: number[] } | null} what the next read is about */
        this.changes = null;
        this.hasGap = false;
        /** @type {Map<number, Record>} what the page showed when it asked for changes, while the answer is taken over */
        this.shown = new Map();
        this.progress = new ShownProgress(takeOver);
        /** @type {Deferred | null} resolves when the newest load has ended; of one that it overtook Odoo tells nothing */
        this.pendingLoad = null;
        /** @type {{ params: Object, error: Error, root: Object } | null} what was to replace the root and did not come */
        this.failedLoad = null;
        /** @type {(error: Error) => void} told of what was not read, where nobody waits for it */
        this.onFailedRead = () => {};
    }

    /** @override */
    _loadRecords(config, ...options) {
        return super._loadRecords(this._toRead(config), ...options);
    }

    /** @override */
    _loadUngroupedList(config, ...options) {
        return super._loadUngroupedList(this._toRead(config), ...options);
    }

    /** @override */
    _webReadGroup(config, ...options) {
        return super._webReadGroup(this._toRead(config), ...options);
    }

    /**
     * Read these fields from now on, and show their columns when they have been read: if not now, then by the next read.
     *
     * @param {string[]} names
     */
    async readColumns(names) {
        const more = names.filter((name) => !this.awaited.has(name));
        if (!more.length) {
            return;
        }
        more.forEach((name) => this.awaited.add(name));
        await this.pendingLoad; // which may have begun without them
        try {
            await this.refresh();
        } catch (error) {
            this.onFailedRead(error);
        }
    }

    /** These columns have been read in every row. */
    _showColumns(names) {
        const read = names.filter((name) => this.awaited.delete(name));
        if (read.length) {
            read.forEach((name) => this.unread.delete(name));
            this.notify();
        }
    }

    /** @override */
    async load(params = {}) {
        try {
            await this._loadWanted(params);
        } catch (error) {
            if (this.failedLoad) {
                this.onFailedRead(error);
            }
            throw error;
        }
    }

    async _loadWanted(params = {}) {
        // Odoo takes over what was asked for only when it has been loaded.
        const wanted = { ...this.failedLoad?.params, ...params };
        const context = wanted.context || this.config.context;
        this.changes = null; // they are those of the page that is left
        this.pendingLoad ||= new Deferred();
        try {
            await super.load({ ...wanted, context: inBrowserZone(context) });
            this.failedLoad = null;
        } catch (error) {
            // A form goes on showing the record that it has.
            if (!this.config.isMonoRecord) {
                this.failedLoad = markRaw({ params: wanted, error, root: this.root });
            }
            throw error;
        } finally {
            this.pendingLoad?.resolve();
            this.pendingLoad = null;
        }
        await this._closeGap();
    }

    /** Load what could not be loaded: a page of another filter is not what the user wants to see. */
    async _loadAgain() {
        this._loadWanted().catch(() => {}); // `failedLoad` tells, also of the user's own that overtakes it
        await this.pendingLoad;
        if (this.failedLoad) {
            throw this.failedLoad.error;
        }
        this.whenReady.resolve();
        this.notify();
    }

    /**
     * Labels have come out: show how many, without a read.
     *
     * @param {import("./progress").Progress[]} jobs
     */
    takeProgress(jobs) {
        this.progress.take(jobs, this.root?.records || []);
    }

    /** Whether rows must stay where they are. */
    get isHeld() {
        const { root } = this;
        return Boolean(root.selection?.length || root.isDomainSelected || root.editedRecord);
    }

    /**
     * @param {Set<number> | null} changedIds of this model's records; null when any of them may have changed
     * @param {{ changed: number[], printers: number[] } | null} [known] the jobs and printers that have changed, when
     *   nothing else has
     * @returns {Promise<import("./use_live").Outcome>}
     */
    async refresh(changedIds = null, known = null) {
        if (this.config.isMonoRecord) {
            return { hasRead: await this._refreshRecord() };
        }
        const columns = [...this.awaited];
        // A new column is missing in every row, also where nothing has changed.
        const what = columns.length ? [null, null] : [changedIds, known];
        const outcome = await this._refreshList(...what);
        if (outcome.hasRead !== false) {
            this._showColumns(columns);
        }
        return outcome;
    }

    async _refreshList(changedIds, known) {
        if (this.isHeld) {
            return { hasRead: await this._refreshValues(changedIds), isComplete: false };
        }
        if (this.failedLoad) {
            await this._loadAgain();
            return {};
        }
        const { root } = this;
        this.changes = known;
        try {
            await root.load();
        } finally {
            this.shown.clear();
        }
        if (this.root !== root) {
            // The user has turned to another page meanwhile, which may have been read before the change.
            await this.root.load();
        }
        await this._closeGap();
        return {};
    }

    /** Whether a field is asked for: those of hidden columns are not. */
    isRead(name) {
        return !this.unread.has(name) || this.awaited.has(name);
    }

    /** Rows of which not all came are read. */
    async _closeGap() {
        if (this.hasGap) {
            this.hasGap = false;
            await this.root.load();
        }
    }

    /**
     * What is read: no hidden columns, and after a change no rows in which nothing has changed, which the server finds
     * out by what is shown (`label_print_known_rows_mixin.py`).
     */
    _toRead(config) {
        const left = [...this.unread].filter((name) => !this.isRead(name));
        const activeFields = left.length ? omit(config.activeFields, ...left) : config.activeFields;
        if (!config.isRoot || !this.changes) {
            return { ...config, activeFields };
        }
        const { changes } = this;
        this.changes = null;
        if (!PARTLY_READ.includes(config.resModel) || changes.changed.length > MOST_CHANGED) {
            return { ...config, activeFields };
        }
        this.shown = new Map(this.root.records.map((record) => [record.resId, record]));
        const known = { ...changes, rows: [...this.shown.keys()] };
        return {
            ...config,
            activeFields,
            context: { ...config.context, label_print_known: known },
        };
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
                    takeOver(record, valuesById.get(record.resId));
                }
            }
            this.progress.show(shown);
        });
        return true;
    }
}
