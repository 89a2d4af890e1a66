import { registry } from "@web/core/registry";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";

/** A number that need not be entered: Odoo's own field shows a 0 as if somebody had said so. */
export class OptionalNumberField extends IntegerField {
    get formattedValue() {
        return this.value ? super.formattedValue : "";
    }
}

export const optionalNumberField = { ...integerField, component: OptionalNumberField };

registry.category("fields").add("label_print_optional_number", optionalNumberField);
