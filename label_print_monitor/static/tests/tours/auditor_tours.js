import { registry } from "@web/core/registry";

const MOST_CLICKS = 3;

/**
 * A question of an auditor, answered within three clicks. A tour that needs more is no tour here: it fails.
 *
 * Counted is whatever a hand does: a click, and the Enter that ends what was typed into the search.
 *
 * @param {string} name
 * @param {Object[]} steps
 */
function addQuestion(name, steps) {
    const clicks = steps.filter(({ run }) => run === "click" || run?.startsWith("press")).length;
    registry.category("web_tour.tours").add(name, {
        steps: () => [
            ...steps,
            {
                content: `${clicks} clicks are no more than ${MOST_CLICKS}`,
                trigger: clicks <= MOST_CLICKS ? "body" : `body:contains(${clicks} clicks needed)`,
            },
        ],
    });
}

const app = (name) => `.o_menu_sections [data-menu-xmlid='label_print_monitor.${name}']`;

function openHistory(menu) {
    return [
        {
            content: "The overview comes first",
            trigger: ".o_label_print_overview .o_label_print_tile",
        },
        {
            content: "Open the history",
            trigger: app("menu_label_print_history_root"),
            run: "click",
        },
        {
            content: `Choose ${menu}`,
            trigger: `.o-dropdown--menu [data-menu-xmlid='label_print_monitor.${menu}']`,
            run: "click",
        },
    ];
}

function searchJobs(words) {
    return [
        {
            content: "Type into the search",
            trigger: ".o_searchview_input",
            run: `edit ${words}`,
        },
        { content: "Search", trigger: ".o_searchview_input", run: "press Enter" },
    ];
}

// From the list of print jobs.
addQuestion("label_print_question_order", [
    ...searchJobs("LPM/KNOWN"),
    {
        content: "Each job of the order is a row",
        trigger: ".o_data_row:contains(LPM/KNOWN) td[name=create_date]",
        run: "click",
    },
    {
        content: "with each of its labels",
        trigger: ".o_label_print_label_grid .o_label_print_square[data-index='20']",
    },
]);

// From the list of print jobs.
addQuestion("label_print_question_label", [
    ...searchJobs("LOT-AUDIT"),
    {
        content: "Only the jobs of the lot are left",
        trigger: ".o_list_view:not(:has(.o_data_row:contains(LPM/KNOWN)))",
    },
    {
        content: "Open the job",
        trigger: ".o_data_row:contains(LPM/AUDIT) td[name=create_date]",
        run: "click",
    },
    {
        content: "Press label 37",
        trigger: ".o_label_print_label_grid .o_label_print_square[data-index='37']",
        run: "click",
    },
    {
        content: "When, who, where, and how we know",
        trigger:
            ".o_label_print_story:contains(Label 37):contains(Line 1):contains(Confirmed):contains(lpm_user)",
    },
]);

// From the overview.
addQuestion("label_print_question_reprints", [
    ...openHistory("menu_label_print_reprint"),
    {
        content: "A retry, why and by whom",
        trigger: ".o_data_row:contains(LPM/KNOWN):contains(Boxes were wet):contains(lpm_user)",
    },
    {
        content: "A copy, why and by whom",
        trigger: ".o_data_row:contains(Label damaged):contains(lpm_manager)",
    },
    {
        content: "Nothing that was printed once",
        trigger: ".o_list_view:not(:has(.o_data_row:contains(LPM/COUNTED)))",
    },
]);

addQuestion("label_print_question_cancelled", [
    ...openHistory("menu_label_print_cancelled"),
    {
        content: "Who, why, and what was printed by then",
        trigger:
            ".o_data_row:contains(LPM/PENDING):contains(lpm_user):contains(Wrong quantity):contains(Ten too many)",
    },
]);

addQuestion("label_print_question_orders", [
    ...openHistory("menu_label_print_orders_missing"),
    {
        content: "An order that lacks labels",
        trigger: ".o_data_row:contains(LPM/COUNTED)",
    },
    {
        content: "None that lacks nothing, or whose job prints",
        trigger:
            ".o_list_view:not(:has(.o_data_row:contains(LPM/AUDIT))):not(:has(.o_data_row:contains(LPM/PRINTING)))",
    },
]);

addQuestion("label_print_question_printer", [
    {
        content: "The overview comes first",
        trigger: ".o_label_print_overview .o_label_print_tile",
    },
    { content: "Open the printers", trigger: app("menu_printer_status"), run: "click" },
    {
        content: "Open the printer",
        trigger:
            ".o_kanban_record:not(.o_kanban_ghost):has([name=name]:contains('Line 1')), .o_kanban_record:contains('Line 1')",
        run: "click",
    },
    {
        content: "Its month",
        trigger: ".o_form_view button[name=action_view_month]",
        run: "click",
    },
    {
        content: "Facets name the printer",
        trigger: ".o_searchview_facet:contains(Line 1)",
    },
    {
        content: "and the month; each day is a row",
        trigger: ".o_pivot_view th:contains(Total)",
    },
]);
