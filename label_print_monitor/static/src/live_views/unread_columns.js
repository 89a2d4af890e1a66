/**
 * Optional columns that are not shown are not read either: of a list of jobs they cost the server as much as all the rest,
 * at every change that it follows.
 */
import { LiveListRenderer } from "./live_list_renderer";

/**
 * Whether anything but the column itself needs the field: a condition of the view, or another field's widget.
 *
 * @param {Element} arch of the list
 * @param {Object[]} columns
 * @param {string} name of a field
 */
function isNeeded(arch, columns, name) {
    const word = new RegExp(`\\b${name}\\b`);
    const nodes = [arch, ...arch.querySelectorAll("*")];
    const isInCondition = nodes.some((node) =>
        [...node.attributes].some(
            (attribute) => attribute.name !== "name" && word.test(attribute.value)
        )
    );
    return (
        isInCondition ||
        columns.some((column) => {
            const dependencies = column.field?.fieldDependencies || [];
            const needed = typeof dependencies === "function" ? dependencies(column) : dependencies;
            return column.name !== name && needed.some((field) => field.name === name);
        })
    );
}

/**
 * @param {Object} archInfo of a list
 * @param {Object} env of its controller
 * @param {Object} config of its model
 * @returns {string[]} fields of the columns that the reader has not chosen, and that nothing else needs
 */
export function unreadColumns(archInfo, env, config) {
    const { columns, xmlDoc } = archInfo;
    const list = { fieldNames: Object.keys(config.activeFields), resModel: config.resModel };
    // As the renderer will choose them; it is made only when the list has been read.
    const renderer = LiveListRenderer.prototype;
    const key = renderer.createViewKey.call({ props: { list }, env });
    const chosen = renderer.computeOptionalActiveFields.call({
        allColumns: columns,
        keyOptionalFields: `optional_fields,${key}`,
    });
    const hidden = columns.filter(
        ({ type, name, optional }) => type === "field" && optional && !chosen[name]
    );
    // Odoo saves no record of which a required field is empty, and knows it only when it was read.
    return hidden
        .map(({ name }) => name)
        .filter((name) => !config.fields[name].required && !isNeeded(xmlDoc, columns, name));
}
