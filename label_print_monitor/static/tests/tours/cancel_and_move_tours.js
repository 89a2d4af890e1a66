import { registry } from "@web/core/registry";
import { openJob, openPage } from "./tour_steps";

const tours = registry.category("web_tour.tours");

tours.add("label_print_cancel", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        {
            content: "Cancel from the row",
            trigger: ".o_data_row:contains(LPM/PENDING) button[name=action_cancel]",
            run: "click",
        },
        {
            content: "The dialog says which job",
            trigger: ".modal [name=jobs_display]:contains(LPM/PENDING)",
        },
        {
            content: "One tap on the reason cancels",
            trigger: ".modal .o_label_print_reasons button:contains(Wrong printer)",
            run: "click",
        },
        {
            content: "The row says so",
            trigger: ".o_data_row:contains(LPM/PENDING):contains(Cancelled)",
        },
        { content: "The dialog is gone", trigger: "body:not(:has(.modal))" },
        openJob("LPM/PENDING"),
        {
            content: "The job keeps who cancelled it and why",
            trigger:
                ".o_form_view:has([name=cancelled_by]:contains(lpm_user)) [name=cancel_reason]:contains(Wrong printer)",
        },
    ],
});

tours.add("label_print_cancel_on_the_board", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_label_print_job"),
        { content: "To the board", trigger: ".o_switch_view.o_kanban", run: "click" },
        {
            content: "Columns stand in the order of a job's life",
            trigger:
                ".o_kanban_group:contains(Pending) + .o_kanban_group:contains(Printing) + .o_kanban_group:contains(Failed)",
        },
        {
            content: "Cancel from the card; the button says which job it is of",
            trigger:
                ".o_kanban_record:contains(LPM/PENDING) button[name=action_cancel]:contains(LPM/PENDING)",
            run: "click",
        },
        {
            content: "What keeps the job says so: it is not called Cancel as well",
            trigger: ".modal .modal-footer button:contains(Keep Printing)",
        },
        {
            content: "A reason of one's own needs words",
            trigger: ".modal button[name=action_confirm]:contains(Cancel Printing)",
            run: "click",
        },
        {
            content: "which is said, and nothing is cancelled",
            trigger: ".o_error_dialog:contains(Say in a few words why) .modal-footer button",
            run: "click",
        },
        {
            content: "Say why",
            trigger: ".modal [name=note] input",
            run: "edit Customer moved the date && press Tab",
        },
        {
            content: "Confirm",
            trigger: ".modal button[name=action_confirm]:contains(Cancel Printing)",
            run: "click",
        },
        {
            content: "The card moves on",
            trigger: ".o_kanban_group:contains(Cancelled) .o_kanban_record:contains(LPM/PENDING)",
        },
    ],
});

tours.add("label_print_move_what_waits", {
    url: "/odoo",
    steps: () => [
        ...openPage("menu_printer_status"),
        {
            content: "Something waits for a printer that cannot print",
            trigger: ".o_kanban_record:contains(Line 1) button[name=action_move_waiting]",
            run: "click",
        },
        {
            content: "The dialog shows what",
            trigger: ".modal [name=job_ids]:contains(LPM/PENDING)",
        },
        { content: "Where to", trigger: ".modal [name=target_id] input", run: "edit A Line" },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains(A Line)",
            run: "click",
        },
        { content: "Move", trigger: ".modal button[name=action_confirm]", run: "click" },
        { content: "It says so", trigger: ".o_notification:contains(1 job moves to A Line)" },
        {
            content: "Nothing waits any more",
            trigger:
                ".o_kanban_record:contains(Line 1):not(:has(button[name=action_move_waiting]))",
        },
    ],
});
