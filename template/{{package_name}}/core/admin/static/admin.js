// From Groundplan, kept current by `copier update`: read it, don't edit it.
// What starlette-admin's pages do in attributes, which the content security policy refuses.
document.addEventListener("change", (event) => {
    if (event.target.matches("[data-go]")) window.location = event.target.value;
});
document.addEventListener("click", (event) => {
    if (event.target.matches("[data-apply-columns]")) applyColumnVisibility();
});

// On a phone each row of a table is a card (see admin.css), whose cells are labelled.
for (const table of document.querySelectorAll(".table-responsive > table")) {
    const titles = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    for (const row of table.tBodies[0].rows) {
        [...row.cells].forEach((cell, index) => (cell.dataset.label = titles[index] ?? ""));
    }
}
