import { stepUtils } from "@web_tour/tour_utils";

/** Open the app and one of its pages the way a person does. */
export function openPage(menu) {
    return [
        ...stepUtils.goToAppSteps(
            "label_print_monitor.menu_label_print_root",
            "Open Label Printing"
        ),
        {
            content: "The overview comes first",
            trigger: ".o_label_print_overview .o_label_print_tile",
        },
        {
            content: `Open ${menu}`,
            trigger: `.o_menu_sections [data-menu-xmlid='label_print_monitor.${menu}']`,
            run: "click",
        },
    ];
}

/** Open a job from the list, by its order. */
export function openJob(reference) {
    return {
        content: `Open the job of ${reference}`,
        trigger: `.o_data_row:contains(${reference}) td[name=create_date]`,
        run: "click",
    };
}
