# A confusion matrix as a picture: gnuplot -e "table='confusion.tsv'; picture='confusion.svg'" confusion.gnuplot
# Rows are the true labels, columns the answers; the darker, the more of them.
set terminal svg size 900,800 dynamic background rgb 'white' font 'sans,11' noenhanced
set output picture
set datafile separator "\t"
set xtics rotate by 60 right
set xlabel 'answer'
set ylabel 'label'
set yrange [] reverse
set cbrange [0:*]
set palette defined (0 'white', 1 '#1f4e8c')
unset key
plot table matrix rowheaders columnheaders with image
