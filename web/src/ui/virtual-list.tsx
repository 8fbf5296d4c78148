// Lists and tables of any length: only the rows in view are in the document.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { Sort } from "../app/search-strings.ts";
import { classes } from "./classes.ts";

export interface Column<Row> {
  key: string;
  title: string;
  /** CSS grid track. */
  width: string;
  cell: (row: Row) => ReactNode;
  numeric?: boolean;
  sortable?: boolean;
}

interface Props<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  selected?: string | null;
  onSelect?: (row: Row) => void;
  onOpen?: (row: Row) => void;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** Near the end: load more. */
  onEnd?: () => void;
  rowHeight?: number;
  className?: string;
}

export function VirtualTable<Row>(props: Props<Row>) {
  const {
    label,
    columns,
    rows,
    rowKey,
    selected,
    onSelect,
    onOpen,
    sort,
    onSort,
    onEnd,
    rowHeight = 36,
    className,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 20) onEnd();
  }, [onEnd, last, rows.length]);
  const template = columns.map((column) => column.width).join(" ");
  const current = rows.findIndex((row) => rowKey(row) === selected);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!onSelect || event.target !== event.currentTarget) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -rows.length, End: rows.length }[
      event.key
    ];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(
        rows.length - 1,
        Math.max(0, (current < 0 ? (step > 0 ? -1 : rows.length) : current) + step),
      );
      const row = rows[next];
      if (row === undefined) return;
      onSelect(row);
      virtual.scrollToIndex(next);
    } else if (event.key === "Enter" && current >= 0) {
      const row = rows[current];
      if (row !== undefined) onOpen?.(row);
    }
  };
  return (
    <div
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      data-focus-inset
      onKeyDown={onKeyDown}
      className={classes("min-h-0 overflow-auto", className)}
    >
      <div role="rowgroup" className="sticky top-0 z-10 min-w-fit border-b border-line bg-surface">
        <div
          role="row"
          aria-rowindex={1}
          className="grid h-9 items-center gap-4 px-4 text-sm text-faint"
          style={{ gridTemplateColumns: template }}
        >
          {columns.map((column) => {
            const sorted = sort?.key === column.key;
            return (
              <div
                key={column.key}
                role="columnheader"
                {...(column.sortable && onSort
                  ? { "aria-sort": sorted ? (sort.descending ? "descending" : "ascending") : "none" }
                  : {})}
                className={column.numeric ? "text-right" : ""}
              >
                {column.sortable && onSort ? (
                  <button
                    type="button"
                    onClick={() =>
                      onSort({ key: column.key, descending: sorted ? !sort.descending : column.numeric === true })
                    }
                    className="inline-flex items-center gap-1 rounded-sm hover:text-text"
                  >
                    {column.title}
                    {sorted ? (
                      sort.descending ? (
                        <ArrowDown size={12} aria-hidden />
                      ) : (
                        <ArrowUp size={12} aria-hidden />
                      )
                    ) : null}
                  </button>
                ) : (
                  column.title
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div role="rowgroup" className="relative min-w-fit" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          const isSelected = onSelect !== undefined && rowKey(row) === selected;
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              {...(isSelected ? { "aria-current": true } : {})}
              onClick={() => onSelect?.(row)}
              onDoubleClick={() => onOpen?.(row)}
              className={classes(
                "absolute right-0 left-0 grid items-center gap-4 border-b border-line px-4",
                onSelect && "cursor-pointer hover:bg-hover",
                isSelected && "bg-accent-soft hover:bg-accent-soft",
              )}
              style={{ gridTemplateColumns: template, height: item.size, transform: `translateY(${item.start}px)` }}
            >
              {columns.map((column) => (
                <div
                  key={column.key}
                  role="cell"
                  className={classes("min-w-0 truncate", column.numeric && "text-right tabular-nums")}
                >
                  {column.cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
