# memory.svg and truncation.svg from the tables in `out`: rows of small bars, one row a task.
set encoding utf8
set datafile separator "\t"
set terminal svg size 720,420 dynamic noenhanced font 'sans-serif,15' linewidth 1.4
set border 3 lc rgb '#808080'
set tics nomirror textcolor rgb '#808080'
set title textcolor rgb '#808080'
set xlabel textcolor rgb '#808080'
set ylabel textcolor rgb '#808080'
set key tmargin right horizontal textcolor rgb '#808080' samplen 1
set grid ytics lt 1 lc rgb '#808080' lw 0.3 dt 3
set style fill solid 0.8 noborder
array colour[5] = ['#2f7fc4', '#e07b39', '#3f9e5b', '#a866c4', '#c9504d']

# The names in a column, each once, in order.
names(file, column) = system(sprintf("awk -F '\\t' 'NR > 1 && !seen[$%d]++ { print $%d }' '%s'", column, column, file))

memory = out.'/memory.tsv'
tasks = names(memory, 1)
cells = names(memory, 2)
place(list, name) = sum [i = 1:words(list)] (word(list, i) eq name ? i : 0)
width = 0.8 / words(tasks)
set output out.'/memory.svg'
set title 'The longest T that is learned'
set ylabel 'T, steps'
set logscale y
set yrange [3:600]
set ytics (5, 10, 20, 50, 100, 200, 400)
set xrange [0.4:words(cells) + 0.6]
set xtics ()
do for [i = 1:words(cells)] { set xtics add (word(cells, i) i) }
set boxwidth width
plot for [i = 1:words(tasks)] memory skip 1 \
  using (place(cells, strcol(2)) - 0.4 + (i - 0.5) * width):(strcol(1) eq word(tasks, i) && $3 > 0 ? $3 : NaN) \
  with boxes lc rgb colour[i] title word(tasks, i)

truncation = out.'/truncation.tsv'
tasks = names(truncation, 1)
taus = names(truncation, 2)
set output out.'/truncation.svg'
set title 'What truncation to tau steps leaves (GRU)'
set ylabel 'share of right answers'
set xlabel 'tau, steps'
unset logscale y
set ytics autofreq
set yrange [0:1]
set xrange [0.7:words(taus) + 0.3]
set xtics ()
do for [i = 1:words(taus)] { set xtics add (word(taus, i) i) }
plot for [i = 1:words(tasks)] truncation skip 1 \
  using (strcol(1) eq word(tasks, i) ? place(taus, strcol(2)) : NaN):4 \
  with linespoints pt 7 ps 0.6 lw 1.6 lc rgb colour[i] title word(tasks, i)
