import { describe, expect, test } from "@odoo/hoot";
import { RelationalModel } from "@web/model/relational_model/relational_model";

describe.current.tags("headless");

/** The members of the relational model that `live_model.js` reaches into, by class. */
const MEMBERS = {
    "": ["_loadRecords", "_loadUngroupedList", "_webReadGroup", "notify"],
    Record: ["_applyValues"],
    DynamicRecordList: ["_createRecordDatapoint", "_setData"],
    Group: ["_useGroupCountForList"],
    StaticList: ["_sort"],
    DynamicGroupList: ["_createGroupDatapoint"],
};

for (const [name, members] of Object.entries(MEMBERS)) {
    const owner = name ? RelationalModel[name] : RelationalModel;
    for (const member of members) {
        test(`Odoo still has ${name || "RelationalModel"}.${member}`, () => {
            expect(typeof owner.prototype[member]).toBe("function");
        });
    }
}
