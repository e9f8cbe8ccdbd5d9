// A table that is wider than the page can be scrolled from the keyboard, too.
document$.subscribe(() => {
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap"))
    new ResizeObserver(() => {
      table.tabIndex = table.scrollWidth > table.clientWidth ? 0 : -1;
    }).observe(table);
});
