// Sorts and filters the table; without it the page shows everything.
(function () {
  'use strict';
  const table = document.querySelector('table');
  if (!table) { return; }
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const status = document.getElementById('shown');
  const word = document.getElementById('word');
  const kind = document.getElementById('kind');
  const fate = document.getElementById('fate');

  function key(row, column) {
    const text = row.cells[column].dataset.key;
    return row.cells[column].classList.contains('number') ? Number(text) : text;
  }

  function sort(column, descending) {
    heads.forEach(function (head, i) {
      if (i === column) {
        head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      } else {
        head.removeAttribute('aria-sort');
      }
    });
    rows.sort(function (a, b) {
      const x = key(a, column), y = key(b, column);
      return (x < y ? -1 : x > y ? 1 : 0) * (descending ? -1 : 1);
    });
    body.append.apply(body, rows);
  }

  function filter() {
    const words = word.value.toLowerCase().split(/\s+/);
    let shown = 0;
    rows.forEach(function (row) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(function (w) { return text.includes(w); })
        || (kind.value !== '' && row.dataset.kind !== kind.value)
        || (fate.value !== '' && !row.dataset.fate.split(' ').includes(fate.value));
      shown += row.hidden ? 0 : 1;
    });
    status.textContent = shown + ' of ' + rows.length + ' shown';
  }

  heads.forEach(function (head, column) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', function () {
      sort(column, head.getAttribute('aria-sort') === 'ascending');
    });
  });
  [word, kind, fate].forEach(function (field) { field.addEventListener('input', filter); });
  document.querySelector('.tools').hidden = false;
  filter();
}());
