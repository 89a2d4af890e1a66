import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { openJob, openPage } from "./tour_steps";

const tours = registry.category("web_tour.tours");

tours.add("label_print_act_on_a_failure", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "label_print_monitor.menu_label_print_root",
            "Open Label Printing"
        ),
        {
            content: "The overview names the failure and the next step",
            trigger: ".o_label_print_failure:contains(LPM/KNOWN):contains(paper or labels)",
        },
        {
            content: "Open it",
            trigger: ".o_label_print_failure .btn-link:contains(LPM/KNOWN)",
            run: "click",
        },
        {
            content: "The card says what to do, step by step",
            trigger: ".o_label_print_advice:contains(Load labels) li",
        },
        {
            content: "The failed labels are named",
            trigger: ".o_notebook .nav-link:contains(Labels That Need Somebody)",
            run: "click",
        },
        {
            content: "with their lot",
            trigger: "[name=failed_label_ids] .o_data_row:contains(LOT-KNOWN)",
        },
        { content: "Retry", trigger: ".o_form_statusbar button[name=action_retry]", run: "click" },
        {
            content: "It prints again",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Pending)",
        },
        { content: "and says so", trigger: ".o_notification:contains(will be printed)" },
    ],
});

tours.add("label_print_retry_part", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Retry where the print server only counted",
            trigger: ".o_data_row:contains(LPM/COUNTED) button[name=action_retry]",
            run: "click",
        },
        {
            content: "The dialog says to look at the paper",
            trigger: ".modal:contains(Look at the paper)",
        },
        {
            content: "It proposes nothing: who has not looked must not print",
            trigger: ".modal [name=labels_display]:contains(Nothing, until)",
        },
        {
            content: "The last good label in the hand is the fifth",
            trigger: ".modal [name=resume_from] input",
            run: "edit 6 && press Tab",
        },
        {
            content: "Fifteen are left",
            trigger: ".modal [name=labels_display]:contains(15 labels: 6–20)",
        },
        {
            content: "The answers follow, those to counted labels as well",
            trigger:
                ".modal .o_label_print_verdict[data-index='6'][data-verdict=off][aria-pressed=true]",
        },
        {
            content: "Label 9 turns up",
            trigger: ".modal .o_label_print_verdict[data-index='9'][data-verdict=on]",
            run: "click",
        },
        {
            content: "Fourteen are left",
            trigger: ".modal [name=labels_display]:contains(14 labels: 6–8, 10–20)",
        },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        {
            content: "It prints again",
            trigger: ".o_data_row:contains(LPM/COUNTED):contains(Pending)",
        },
    ],
});

tours.add("label_print_retry_one_uncertain", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Retry where one label in the middle is uncertain",
            trigger: ".o_data_row:contains(LPM/UNCERTAIN) button[name=action_retry]",
            run: "click",
        },
        { content: "The dialog asks about that one", trigger: ".modal .alert:contains(label 9)" },
        {
            content: "and says where to look for it",
            trigger: ".modal [data-row='9']:contains(LOT-UNCERTAIN)",
        },
        {
            content: "Without an answer nothing is done",
            trigger: ".modal button[name=action_confirm]:contains(Save)",
            run: "click",
        },
        {
            content: "and the dialog says why",
            trigger: ".o_error_dialog:contains(Say of label 9) .modal-footer button",
            run: "click",
        },
        {
            content: "It is not on paper",
            trigger: ".modal .o_label_print_verdict[data-index='9'][data-verdict=off]",
            run: "click",
        },
        {
            content: "It will be printed, and no other",
            trigger: ".modal [name=labels_display]:contains(1 label: 9)",
        },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        { content: "It says which", trigger: ".o_notification:contains(label 9 will be printed)" },
        {
            content: "It prints again",
            trigger: ".o_data_row:contains(LPM/UNCERTAIN):contains(Pending)",
        },
    ],
});

tours.add("label_print_retry_on_another_printer", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        openJob("LPM/KNOWN"),
        {
            content: "Choose labels and printer",
            trigger: ".o_form_statusbar button[name=action_retry_choose]",
            run: "click",
        },
        {
            content: "All that is missing is proposed",
            trigger: ".modal [name=labels_display]:contains(12 labels: 9–20)",
        },
        { content: "The printer is not ready", trigger: ".modal .alert:contains(not ready)" },
        { content: "Only some of the labels", trigger: ".modal [name=choose] input", run: "click" },
        {
            content: "A label that is on paper cannot be chosen",
            trigger: ".modal .o_label_print_square[data-index='8'][aria-disabled=true]",
        },
        {
            content: "Leave out label 20",
            trigger: ".modal .o_label_print_square[data-index='20'][aria-selected=true]",
            run: "click",
        },
        {
            content: "Eleven are left",
            trigger: ".modal [name=labels_display]:contains(11 labels: 9–19)",
        },
        {
            content: "Another printer",
            trigger: ".modal [name=printer_id] input",
            run: "edit A Line",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(A Line)",
            run: "click",
        },
        { content: "That one is ready", trigger: ".modal:not(:has(.alert:contains(not ready)))" },
        {
            content: "Print",
            trigger: ".modal button[name=action_confirm]:contains(Print)",
            run: "click",
        },
        {
            content: "It is that printer's now",
            trigger: ".o_form_view [name=printer_id]:contains(A Line)",
        },
        {
            content: "Open the attempts",
            trigger: ".o_notebook .nav-link:contains(Attempts)",
            run: "click",
        },
        {
            content: "Both are told apart by their printers",
            trigger:
                "[name=attempt_ids] .o_data_row:contains(A Line) + .o_data_row:contains(Line 1)",
        },
    ],
});
