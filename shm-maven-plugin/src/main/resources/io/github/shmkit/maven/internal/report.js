(function () {
  'use strict';
  var table = document.querySelector('table');
  if (!table) { return; }
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
  function key(row, column) {
    var cell = row.cells[column];
    var number = cell.getAttribute('data-number');
    return number === null ? cell.textContent : Number(number);
  }
  heads.forEach(function (head, column) {
    var button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.textContent = '';
    head.appendChild(button);
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') === 'ascending';
      heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      rows.sort(function (a, b) {
        var x = key(a, column), y = key(b, column);
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
  });
  var tools = document.createElement('p');
  tools.className = 'tools';
  var label = document.createElement('label');
  label.textContent = 'Filter: ';
  var input = document.createElement('input');
  input.type = 'search';
  label.appendChild(input);
  var count = document.createElement('span');
  count.setAttribute('role', 'status');
  count.className = 'muted';
  tools.appendChild(label);
  tools.appendChild(count);
  table.parentNode.parentNode.insertBefore(tools, table.parentNode);
  input.addEventListener('input', function () {
    var word = input.value.toLowerCase(), shown = 0;
    rows.forEach(function (row) {
      row.hidden = row.textContent.toLowerCase().indexOf(word) < 0;
      shown += row.hidden ? 0 : 1;
    });
    count.textContent = ' ' + shown + ' of ' + rows.length + ' shown';
  });
}());
