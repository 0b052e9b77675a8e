// From Groundplan, kept current by `copier update`: read it, don't edit it.
// What starlette-admin's pages do in attributes, which the content security policy refuses.
document.addEventListener("change", (event) => {
    if (event.target.matches("[data-go]")) window.location = event.target.value;
});
document.addEventListener("click", (event) => {
    if (event.target.matches("[data-apply-columns]")) applyColumnVisibility();
});
