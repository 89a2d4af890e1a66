import { registry } from "@web/core/registry";

const VERDICT = ".o_label_print_scan_verdict";
const RIGHT = ".o_label_print_scan_right";
const WRONG = ".o_label_print_scan_wrong";

/** As a scanner does that types: key by key, and Enter at the end. */
function typeAsScanner(code) {
    for (const key of [...code, "Enter"]) {
        document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }
}

const scan = (code, trigger) => [
    { content: `Scan ${code}`, trigger: VERDICT, run: () => typeAsScanner(code) },
    { content: `What is said of ${code}`, trigger },
];

const serial = (number) => `BOX-${String(number).padStart(3, "0")}`;
const named = (number) => `${VERDICT}${RIGHT}:contains(${serial(number)} · box ${number})`;

// From the manufacturing order LPM/BOXES of 40 boxes, of which box 17 is missing.
registry.category("web_tour.tours").add("label_print_check_by_scanning", {
    steps: () => [
        {
            content: "Check the order's boxes",
            trigger: "button[name=action_check_by_scanning]",
            run: "click",
        },
        {
            content: "All are missing",
            trigger: ".o_label_print_scan:contains(0 of 40 checked) .o_label_print_scan_missing",
        },
        ...[...Array(20).keys()]
            .map((place) => place + 1)
            .filter((number) => number !== 17)
            .flatMap((number) => scan(serial(number), named(number))),
        ...scan(serial(5), `${VERDICT}${WRONG}:contains(Scanned twice: ${serial(5)})`),
        ...scan("FOREIGN-001", `${VERDICT}${WRONG}:contains(LPM/FOREIGN)`),
        ...[...Array(20).keys()]
            .map((place) => place + 21)
            .flatMap((number) => scan(serial(number), named(number))),
        {
            content: "One is missing, and named",
            trigger: `.o_label_print_scan:contains(39 of 40 checked) .o_label_print_scan_missing li:only-child:contains(${serial(
                17
            )})`,
        },
        {
            content: "What was refused is listed",
            trigger: ".o_label_print_scan_problems li:nth-child(2)",
        },
        {
            content: "All has arrived",
            trigger: ".o_label_print_scan:not(:contains(Not yet sent))",
        },
        { content: "Back", trigger: "button[name=leave]", run: "click" },
        { content: "to the order", trigger: ".o_form_view button[name=action_check_by_scanning]" },
    ],
});
